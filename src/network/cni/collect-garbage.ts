import type { CallContext } from '../../lib/call-context';
import { messageOf, ShimError } from '../../lib/errors';
import type { JsonObject } from './json';
import type { NetworkConfig } from './configuration/network-config';
import type { PluginRunner } from './plugins/plugin-runner';
import type { CachedAttachment } from './result-cache';
import { POD_INTERFACE } from './attachment/attachment';
import { isAtLeast } from './configuration/spec-version';

/** One interface of a pod that is to stay. */
export interface LiveAttachment {
  readonly sandboxId: string;
  readonly ifname: string;
}

/** The sandboxes of Kubernetes' pods, by their own arguments: others may keep theirs in the same directory. */
export function podsAmong(cached: readonly CachedAttachment[]): string[] {
  return cached.filter(isOfPod).map(({ containerId }) => containerId);
}

function isOfPod({ ifName, containerId, attachment }: CachedAttachment): boolean {
  if (ifName !== POD_INTERFACE) return false;
  const args = attachment?.args ?? [];
  return args.some(([key, value]) => key === 'K8S_POD_INFRA_CONTAINER_ID' && value === containerId);
}

/** GC, which plugins know since 1.1.0: each plugin frees what is held for none of the live attachments. */
export async function askToCollect(
  plugins: PluginRunner,
  ctx: CallContext,
  network: NetworkConfig,
  live: readonly LiveAttachment[],
): Promise<void> {
  if (!isAtLeast(network.cniVersion, '1.1.0') || network.disableGc) return;
  const valid = live.map(({ sandboxId, ifname }) => ({ containerID: sandboxId, ifname }));
  // The second is the name of drafts of 1.1.0; libcni sends both.
  const fields: JsonObject = { 'cni.dev/valid-attachments': valid, 'cni.dev/attachments': valid };
  const failures: string[] = [];
  for (const plugin of network.plugins) {
    await plugins.askNetwork(ctx, 'GC', network, plugin, fields).catch((error: unknown) => {
      failures.push(messageOf(error));
    });
  }
  if (failures.length > 0) throw new ShimError('Internal', failures.join('; '));
}
