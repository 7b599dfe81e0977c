import { writeFileSync } from 'node:fs';
import type { ContainerInspect } from '../../src/docker/types';
import { silentLog } from '../../src/lib/log';
import { CniNetwork } from '../../src/network/cni/network';
import { networkedPod } from '../../src/translate/pod-networking';
import { aCall } from './a-call';
import { DEBIAN_PLUGINS, type CniNode } from './cni-node';

/**
 * Attaches a predecessor's pod to the node's network, as libcni does it for them: the same plugins, the same cache, and
 * loopback as a network of its own. Answers the pod's addresses.
 */
export async function attachAsPredecessor(node: CniNode, sandbox: ContainerInspect): Promise<readonly string[]> {
  const cni = new CniNetwork({
    confDir: node.path('conf'),
    binDirs: [DEBIAN_PLUGINS],
    cacheDir: node.path('cache'),
    log: silentLog,
    podCidr: { read: () => Promise.resolve(''), write: () => Promise.resolve() },
  });
  await cni.start();
  try {
    await cni.attach(aCall().ctx, networkedPod(sandbox));
    writeFileSync(node.path('cache/results', `cni-loopback-${sandbox.Id}-eth0`), loopbackEntry(sandbox.Id));
    return await cni.addresses(sandbox);
  } finally {
    cni.stop();
  }
}

/** As cri-dockerd leaves it; newer plugins answer the address too. */
function loopbackEntry(containerId: string): string {
  const config = { cniVersion: '0.2.0', name: 'cni-loopback', plugins: [{ type: 'loopback' }] };
  return JSON.stringify({
    kind: 'cniCacheV1',
    containerId,
    config: Buffer.from(JSON.stringify(config)).toString('base64'),
    ifName: 'eth0',
    networkName: 'cni-loopback',
    cniArgs: [['IgnoreUnknown', '1']],
    capabilityArgs: { ipRanges: [[{ subnet: '' }]] },
    result: { cniVersion: '0.2.0', ip4: { ip: '127.0.0.1/8' }, dns: {} },
  });
}
