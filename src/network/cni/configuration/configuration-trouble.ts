import type { Configuration } from './read-configuration';

/** The node's condition NetworkReady: with a reason in one word, and a message that says what to do. */
export interface NetworkCondition {
  readonly ready: boolean;
  readonly reason: string;
  readonly message: string;
}

/** The kubelet's word for every way in which a pod network isn't there. */
const NOT_READY = 'NetworkPluginNotReady';

/** Why no pod can be attached; undefined when pods can. */
export function configurationTrouble(
  confDir: string,
  { network, problems }: Configuration,
  podCidrs: readonly string[],
): string | undefined {
  if (network === undefined) {
    const [first, ...more] = problems.map(({ file, why }) => `${file}: ${why}`);
    if (first !== undefined) return [`no CNI configuration in ${confDir} can be used`, first, ...more].join('; ');
    return `there is no CNI configuration in ${confDir} yet; install a pod network, or start with --network-plugin=bridge`;
  }
  const wantsRanges = network.plugins.some(({ capabilities }) => capabilities.includes('ipRanges'));
  if (!wantsRanges || podCidrs.length > 0) return undefined;
  return `the network ${network.name} takes its addresses from the node's pod CIDR, and the kubelet has told none yet`;
}

/** @param trouble why no pod can be attached, in words; undefined when pods can */
export function networkCondition(trouble: string | undefined): NetworkCondition {
  if (trouble === undefined) return { ready: true, reason: '', message: '' };
  return { ready: false, reason: NOT_READY, message: trouble };
}
