import type { PluginConfig } from '../configuration/network-config';
import { isJsonObject, type JsonObject } from '../json';

/**
 * Plugins that have done all of a DEL when their process has ended, and need CNI_NETNS for it, but not the path that ADD
 * had. They are the CNI project's, but for `dhcp`, whose daemon is in the namespace, and `host-device`, whose device would
 * come back without its name; and flannel's, which runs one of them.
 */
const KNOWN: ReadonlySet<unknown> = new Set([
  ...['bridge', 'ptp', 'macvlan', 'ipvlan', 'vlan', 'dummy', 'loopback', 'flannel'],
  ...['portmap', 'bandwidth', 'firewall', 'tuning', 'sbr', 'vrf'],
  ...['host-local', 'static'],
]);
/** Where a plugin's configuration has that of one which it runs. */
const NESTED = ['ipam', 'delegate'];

/**
 * Whether a plugin is known to work so, with all that it runs. Others hand their DEL to a daemon, which may go on with it
 * later, or know a pod by the path of ADD (Calico's VPP, Antrea's secondary networks, SR-IOV).
 */
export function worksInOwnProcess({ fields }: PluginConfig): boolean {
  return typesIn(fields).every((type) => KNOWN.has(type));
}

function typesIn(config: JsonObject): unknown[] {
  const nested = NESTED.map((name) => config[name]).filter(isJsonObject);
  return [config.type, ...nested.flatMap(typesIn)].filter((type) => type !== undefined);
}
