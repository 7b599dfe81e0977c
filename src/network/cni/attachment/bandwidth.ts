import { messageOf, ShimError } from '../../../lib/errors';
import { parseQuantity } from './quantity';

/** The limits of the `bandwidth` capability, in bits a second, and bits for bursts. */
export interface Bandwidth {
  readonly ingressRate?: number;
  readonly ingressBurst?: number;
  readonly egressRate?: number;
  readonly egressBurst?: number;
}

/** The kubelet's bounds: 1 kbit/s and 1 Pbit/s. */
const LEAST = 1_000n;
const MOST = 1_000_000_000_000_000n;

/** The burst that the kubelet gave a limit: a kernel token bucket counts in 32 bits. */
const BURST = 2 ** 31 - 1;

/**
 * What a pod's annotations `kubernetes.io/ingress-bandwidth` and `kubernetes.io/egress-bandwidth` ask for; undefined for
 * a pod without.
 * @throws ShimError InvalidArgument, naming the annotation.
 */
export function bandwidthOf(annotations: Readonly<Record<string, string>>): Bandwidth | undefined {
  const ingressRate = rateOf(annotations, 'kubernetes.io/ingress-bandwidth');
  const egressRate = rateOf(annotations, 'kubernetes.io/egress-bandwidth');
  if (ingressRate === undefined && egressRate === undefined) return undefined;
  return {
    ...(ingressRate !== undefined && { ingressRate, ingressBurst: BURST }),
    ...(egressRate !== undefined && { egressRate, egressBurst: BURST }),
  };
}

function rateOf(annotations: Readonly<Record<string, string>>, name: string): number | undefined {
  const text = annotations[name];
  if (text === undefined) return undefined;
  let rate: bigint;
  try {
    rate = parseQuantity(text);
  } catch (error) {
    throw new ShimError('InvalidArgument', `the annotation ${name}: ${messageOf(error)}`);
  }
  if (rate < LEAST || rate > MOST) {
    throw new ShimError('InvalidArgument', `the annotation ${name} must be from 1k to 1P (bits a second), not ${text}`);
  }
  return Number(rate);
}
