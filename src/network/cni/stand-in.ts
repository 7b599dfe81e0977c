import { readKernelFile } from '../../host/kernel-file';
import { openStandIn, type StandInNetns } from '../../host/netns/stand-in';
import type { CallContext } from '../../lib/call-context';
import { messageOf } from '../../lib/errors';
import type { PluginConfig } from './configuration/network-config';
import type { Target } from './plugins/plugin-runner';
import { prefixedAddressesOf } from './plugins/result';

/**
 * A namespace for the DEL of a pod whose own is gone, or has the pod's interface no more because an earlier DEL was cut off,
 * with the pod's addresses in it; undefined where DEL does without.
 *
 * `bridge` and `ptp` take back their masquerading rules for the addresses that they find in the pod's namespace, and
 * leave them for ever when there is none (so in release 1.1.1 of the CNI project's plugins). Docker holds a namespace
 * only as long as its process lives, so each pause container that dies (all do when an engine without live-restore
 * restarts) would leave its rules. Keeping every namespace mounted would cost each pod a process at its start; removing
 * the rules here would require knowing how each release names them.
 */
export async function standInFor(
  ctx: CallContext,
  plugin: PluginConfig,
  target: Target,
): Promise<StandInNetns | undefined> {
  const { attachment, prevResult } = target;
  if (!masquerades(plugin) || prevResult === undefined || hasInterface(target)) return undefined;
  const addresses = prefixedAddressesOf(prevResult, attachment.ifName);
  if (addresses.length === 0) return undefined;
  try {
    return await openStandIn(ctx, attachment.ifName, addresses);
  } catch (error) {
    // The pod must come off its network all the same.
    const why = { plugin: plugin.type, sandbox: attachment.containerId, error: messageOf(error) };
    ctx.log.warn('a pod that is gone may leave masquerading rules', why);
    return undefined;
  }
}

/** Whether its DEL looks for the pod's addresses. */
export function masquerades({ fields }: PluginConfig): boolean {
  return fields.ipMasq === true;
}

/**
 * Whether it is there, as far as that can be told: of a namespace that is not a process's own it is taken for granted,
 * and of one that such a DEL has failed in it is not.
 */
function hasInterface({ netns, held, attachment }: Target): boolean {
  if (netns === '') return false;
  if (held !== undefined) return hasDevice(held.devices ?? '', attachment.ifName);
  const [, pid] = /^\/proc\/(\d+)\/ns\/net$/.exec(netns) ?? [];
  const devices = pid === undefined ? undefined : readKernelFile(`/proc/${pid}/net/dev`);
  return devices === undefined || hasDevice(devices, attachment.ifName);
}

function hasDevice(devices: string, ifName: string): boolean {
  return devices.split('\n').some((line) => line.trimStart().startsWith(`${ifName}:`));
}
