import { access } from 'node:fs/promises';
import type { CallContext } from '../../lib/call-context';
import type { NetworkedPod } from '../pod';
import { bareAttachmentOf, POD_INTERFACE } from './attachment/attachment';
import type { CniTools } from './cni-tools';
import type { NetworkConfig } from './configuration/network-config';
import type { HeldNamespace } from './held-namespaces';
import type { PluginRunner, Target } from './plugins/plugin-runner';
import { knownResult } from './plugins/result';
import { networkOf } from './result-cache';
import { masquerades, standInFor } from './stand-in';

/**
 * DEL of a pod from the network that it was attached to, with the configuration, the arguments and the result that ADD
 * had; then its cache entry goes. A pod without an entry, such as one of a predecessor's, is taken off as the network is
 * configured now.
 * @param present the network that is in force now, if there is any
 * @param held the pod's namespace, where it is held for this
 * @throws ShimError with the words of the plugin that failed; FailedPrecondition when neither the entry nor the node says
 *   how the network was configured. The entry stays.
 */
export async function detachPod(
  { plugins, cache }: CniTools,
  ctx: CallContext,
  pod: NetworkedPod,
  present: NetworkConfig | undefined,
  held?: HeldNamespace,
): Promise<void> {
  const where = { netns: held?.path ?? pod.netns, held };
  const bare = bareAttachmentOf(pod);
  const cached = await cache.find(pod.sandboxId, POD_INTERFACE);
  for (const entry of cached) {
    const { attachment = bare, result: prevResult } = entry;
    await deleteFromNetwork(plugins, ctx, networkOf(entry, present), { attachment, ...where, prevResult });
    await cache.remove(entry.network, entry.containerId, entry.ifName);
  }
  if (cached.length === 0 && present !== undefined) {
    await deleteFromNetwork(plugins, ctx, present, { attachment: bare, ...where, prevResult: undefined });
  }
  await cache.removeLoopback(pod.sandboxId);
}

/**
 * DEL through the chain, the last plugin first. It ends at the first failure, as libcni does: an address must not be
 * free for the next pod while a host port still leads to it.
 * @param target its namespace may be gone: it goes whenever the pause container dies, even while ADD runs
 */
export async function deleteFromNetwork(
  plugins: PluginRunner,
  ctx: CallContext,
  network: NetworkConfig,
  target: Target,
): Promise<void> {
  const prevResult = knownResult(network, target.prevResult);
  const netns = await existingNetns(target.netns);
  for (const plugin of network.plugins.toReversed()) {
    const standIn = await standInFor(ctx, plugin, { ...target, netns });
    try {
      await plugins.del(ctx, network, plugin, { ...target, prevResult, netns: standIn?.path ?? netns });
    } catch (error) {
      if (masquerades(plugin)) target.held?.distrustDevices();
      throw error;
    } finally {
      await standIn?.close();
    }
  }
}

/** The path of a namespace that is there; '' when it is gone, which is what plugins understand best. */
async function existingNetns(netns: string): Promise<string> {
  if (netns === '') return '';
  return await access(netns).then(
    () => netns,
    () => '',
  );
}
