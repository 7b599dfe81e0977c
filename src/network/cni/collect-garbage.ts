import type { CallContext } from '../../lib/call-context';
import { messageOf, ShimError } from '../../lib/errors';
import { POD_INTERFACE } from './attachment/attachment';
import type { NetworkConfig } from './configuration/network-config';
import { isAtLeast } from './configuration/spec-version';
import type { JsonObject } from './json';
import type { PluginRunner } from './plugins/plugin-runner';

/** Whether the network's plugins are to be asked for GC: they know it since 1.1.0. */
export function hasGc(network: NetworkConfig | undefined): network is NetworkConfig {
  return network !== undefined && isAtLeast(network.cniVersion, '1.1.0') && !network.disableGc;
}

/**
 * GC, for a network that has it: each plugin frees what is held for none of the live sandboxes.
 * @throws ShimError Internal with the words of all the plugins that failed
 */
export async function collectGarbage(
  plugins: PluginRunner,
  ctx: CallContext,
  network: NetworkConfig,
  liveSandboxes: readonly string[],
): Promise<void> {
  const valid = liveSandboxes.map((sandboxId) => ({ containerID: sandboxId, ifname: POD_INTERFACE }));
  // The second is the name of drafts of 1.1.0; libcni sends both.
  const fields: JsonObject = { 'cni.dev/valid-attachments': valid, 'cni.dev/attachments': valid };
  const failures: string[] = [];
  for (const plugin of network.plugins) {
    await plugins.gc(ctx, network, plugin, fields).catch((error: unknown) => {
      failures.push(messageOf(error));
    });
  }
  if (failures.length > 0) throw new ShimError('Internal', failures.join('; '));
}
