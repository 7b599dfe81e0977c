import type { Configuration } from './read-configuration';

/** Why no pod can be attached, in words that say what to do; undefined when pods can. */
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
