import { ShimError } from '../lib/errors';

const MIB = 1024 * 1024;
const UNITS: Readonly<Record<string, number>> = { Mi: MIB, Gi: 1024 * MIB };

/**
 * A size as Kubernetes writes it, `64Mi`, in bytes.
 * @throws ShimError InvalidArgument for anything else, and for less than 16 MiB or more than 16 GiB.
 */
export function parseSize(text: string): number {
  const [, amount = '', unit = ''] = /^(\d{1,9})(Mi|Gi)$/.exec(text) ?? [];
  const bytes = Number(amount) * (UNITS[unit] ?? 0);
  if (bytes < 16 * MIB || bytes > 16 * 1024 * MIB) {
    throw new ShimError('InvalidArgument', `${JSON.stringify(text)} is no size from 16Mi to 16Gi`);
  }
  return bytes;
}
