import { access } from 'node:fs/promises';
import type { CallContext } from '../../lib/call-context';
import { ShimError } from '../../lib/errors';
import { parseNetworkList, type NetworkConfig } from './configuration/network-config';
import type { PluginRunner, Target } from './plugins/plugin-runner';
import { convertResult, type AddResult } from './plugins/result';
import type { CachedAttachment, ResultCache } from './result-cache';
import type { Attachment } from './attachment/attachment';
import { isAtLeast } from './configuration/spec-version';
import { standInFor } from './stand-in';

/**
 * DEL through the chain, the last plugin first. It ends at the first failure, as libcni does: an address must not be
 * free for the next pod while a host port still leads to it.
 */
export async function deleteFromNetwork(
  plugins: PluginRunner,
  ctx: CallContext,
  network: NetworkConfig,
  target: Target,
): Promise<void> {
  const whole = { ...target, prevResult: keptResult(network, target.prevResult) };
  for (const plugin of network.plugins.toReversed()) {
    const standIn = await standInFor(ctx, plugin, target);
    try {
      await plugins.ask(ctx, 'DEL', network, plugin, { ...whole, netns: standIn?.path ?? target.netns });
    } finally {
      await standIn?.close();
    }
  }
}

/** DEL and CHECK are told ADD's result since 0.4.0, in the version that the configuration has. */
export function keptResult({ cniVersion }: NetworkConfig, result: AddResult | undefined): AddResult | undefined {
  if (result === undefined || !isAtLeast(cniVersion, '0.4.0')) return undefined;
  return convertResult(result, cniVersion);
}

/** What an attachment is taken off with where the cache doesn't say. */
export interface Fallback {
  readonly attachment: Attachment;
  readonly network: NetworkConfig | undefined;
}

/**
 * DEL with the configuration, the arguments and the result that ADD had; then the cache entry goes.
 * @throws ShimError FailedPrecondition when neither the entry nor the node says how the network was configured
 */
export async function deleteCached(
  plugins: PluginRunner,
  cache: ResultCache,
  ctx: CallContext,
  cached: CachedAttachment,
  netns: string,
  fallback: Fallback,
): Promise<void> {
  const { containerId, ifName, result: prevResult, attachment = fallback.attachment } = cached;
  const network = networkOf(cached, fallback.network);
  await deleteFromNetwork(plugins, ctx, network, { attachment, netns, prevResult });
  await cache.remove(cached.network, containerId, ifName);
}

/** The network of a cache entry, as it was configured when the pod was attached, or else as it is now. */
export function networkOf(cached: CachedAttachment, present: NetworkConfig | undefined): NetworkConfig {
  if (cached.config !== undefined) return parseNetworkList(cached.config);
  if (present?.name === cached.network) return present;
  throw new ShimError(
    'FailedPrecondition',
    `its entry in the CNI cache has no configuration, and the network ${cached.network} is not configured any more`,
  );
}

/** The path of a namespace that is there; '' when it is gone, which is what plugins understand best. */
export async function existingNetns(netns: string): Promise<string> {
  if (netns === '') return '';
  return await access(netns).then(
    () => netns,
    () => '',
  );
}
