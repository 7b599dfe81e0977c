import { POD_INTERFACE } from './attachment/attachment';
import type { CniTools } from './cni-tools';
import type { NetworkConfig } from './configuration/network-config';
import { worksInOwnProcess } from './plugins/own-process';
import { networkOf } from './result-cache';

/**
 * Whether the plugins of a pod's network can be given a namespace that is held, in place of that of a pause container.
 * Never rejects.
 * @param present the network that is in force now, if there is any
 */
export async function mayHold(
  { cache }: CniTools,
  sandboxId: string,
  present: NetworkConfig | undefined,
): Promise<boolean> {
  try {
    const cached = await cache.find(sandboxId, POD_INTERFACE);
    const networks = cached.length > 0 ? cached.map((entry) => networkOf(entry, present)) : [present];
    return networks.every((network) => network?.plugins.every(worksInOwnProcess) ?? true);
  } catch {
    // Nobody can tell how the pod was attached: DEL says why.
    return false;
  }
}
