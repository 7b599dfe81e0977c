import { withDetached, type CallContext } from '../../lib/call-context';
import { messageOf, ShimError } from '../../lib/errors';
import { deleteFromNetwork } from './detach';
import type { NetworkConfig, PluginConfig } from './configuration/network-config';
import type { PluginRunner } from './plugins/plugin-runner';
import { addressesOf, type AddResult } from './plugins/result';
import type { ResultCache } from './result-cache';
import type { Attachment } from './attachment/attachment';

/** How long taking back a half-made attachment may take, in milliseconds. */
const UNDO_TIMEOUT_MS = 60_000;

/**
 * ADD through the whole chain. What DEL needs is in the cache before the first plugin runs, so a crash at any moment
 * leaves nothing that can't be found. After a failure the plugins that ran, the failing one included, are asked to DEL,
 * and the cache entry goes when they have.
 * @returns the pod's addresses, IPv4 first; at least one
 */
export async function addToNetwork(
  plugins: PluginRunner,
  cache: ResultCache,
  ctx: CallContext,
  network: NetworkConfig,
  attachment: Attachment,
  netns: string,
): Promise<string[]> {
  const tried: PluginConfig[] = [];
  let result: AddResult | undefined;
  await cache.write(network.name, network.text, attachment, undefined);
  try {
    for (const plugin of network.plugins) {
      tried.push(plugin);
      result = await plugins.add(ctx, network, plugin, { attachment, netns, prevResult: result });
    }
    const addresses = addressesOf(result ?? {}, attachment.ifName);
    if (addresses.length === 0) throw new ShimError('Internal', `the network ${network.name} gave it no address`);
    await cache.write(network.name, network.text, attachment, result);
    return addresses;
  } catch (error) {
    await withDetached(ctx.log, UNDO_TIMEOUT_MS, 'taking a pod off its network', async (fresh) => {
      await deleteFromNetwork(
        plugins,
        fresh,
        { ...network, plugins: tried },
        { attachment, netns, prevResult: result },
      );
      await cache.remove(network.name, attachment.containerId, attachment.ifName);
    }).catch((undoing: unknown) => {
      ctx.log.warn('a half-made attachment to the pod network was not undone; its removal will be tried again', {
        sandbox: attachment.containerId,
        error: messageOf(undoing),
      });
    });
    throw error;
  }
}
