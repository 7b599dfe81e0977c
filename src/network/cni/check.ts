import type { CallContext } from '../../lib/call-context';
import type { NetworkedPod } from '../pod';
import { bareAttachmentOf, POD_INTERFACE } from './attachment/attachment';
import type { CniTools } from './cni-tools';
import type { NetworkConfig } from './configuration/network-config';
import { isAtLeast } from './configuration/spec-version';
import { knownResult } from './plugins/result';
import { networkOf } from './result-cache';

/**
 * CHECK, which plugins know since 0.4.0: whether the pod's interface is as ADD made it. A network that can't be
 * checked, or doesn't want to be, passes.
 * @param present the network that is in force now, if there is any
 * @throws ShimError with the words of the plugin that found a difference
 */
export async function checkPod(
  { plugins, cache }: CniTools,
  ctx: CallContext,
  pod: NetworkedPod,
  present: NetworkConfig | undefined,
): Promise<void> {
  for (const entry of await cache.find(pod.sandboxId, POD_INTERFACE)) {
    const network = networkOf(entry, present);
    if (network.disableCheck || !isAtLeast(network.cniVersion, '0.4.0')) continue;
    const { attachment = bareAttachmentOf(pod) } = entry;
    const target = { attachment, netns: pod.netns, prevResult: knownResult(network, entry.result) };
    for (const plugin of network.plugins) await plugins.check(ctx, network, plugin, target);
  }
}
