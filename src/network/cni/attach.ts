import { withDetached, type CallContext } from '../../lib/call-context';
import { messageOf, ShimError } from '../../lib/errors';
import type { CniTools } from './cni-tools';
import type { NetworkConfig, PluginConfig } from './configuration/network-config';
import { deleteFromNetwork } from './detach';
import type { Target } from './plugins/plugin-runner';
import { addressesOf, type AddResult } from './plugins/result';

/** How long taking back a half-made attachment may take, in milliseconds. */
const UNDO_TIMEOUT_MS = 60_000;

/**
 * ADD through the whole chain. What DEL needs is in the cache before the first plugin runs, so a crash at any moment
 * leaves nothing that can't be found. After a failure the plugins that ran, the failing one included, are asked to DEL,
 * and the cache entry goes when they have.
 * @returns the pod's addresses, IPv4 first; at least one
 */
export async function attachPod(
  tools: CniTools,
  ctx: CallContext,
  network: NetworkConfig,
  { attachment, netns }: Omit<Target, 'prevResult'>,
): Promise<string[]> {
  const { plugins, cache } = tools;
  const tried: PluginConfig[] = [];
  let result: AddResult | undefined;
  await cache.write(network, attachment, undefined);
  try {
    for (const plugin of network.plugins) {
      tried.push(plugin);
      result = await plugins.add(ctx, network, plugin, { attachment, netns, prevResult: result });
    }
    const addresses = addressesOf(result ?? {}, attachment.ifName);
    if (addresses.length === 0) throw new ShimError('Internal', `the network ${network.name} gave it no address`);
    await cache.write(network, attachment, result);
    return addresses;
  } catch (error) {
    await undo(tools, ctx, { ...network, plugins: tried }, { attachment, netns, prevResult: result });
    throw error;
  }
}

/** What can't be undone is logged, and its cache entry stays. */
async function undo(
  { plugins, cache }: CniTools,
  { log }: CallContext,
  tried: NetworkConfig,
  target: Target,
): Promise<void> {
  const { containerId, ifName } = target.attachment;
  try {
    await withDetached(log, UNDO_TIMEOUT_MS, 'taking a pod off its network', async (fresh) => {
      await deleteFromNetwork(plugins, fresh, tried, target);
      await cache.remove(tried.name, containerId, ifName);
    });
  } catch (error) {
    log.warn('a half-made attachment to the pod network was not undone; its removal will be tried again', {
      sandbox: containerId,
      error: messageOf(error),
    });
  }
}
