import { join } from 'node:path';
import type { Config } from '../../config/config';
import type { Log } from '../../lib/log';
import { BridgeNetwork } from '../../network/bridge';
import { ChosenNetwork } from '../../network/chosen-network';
import { CniNetwork } from '../../network/cni/network';
import { PodCidrFile } from '../../store/pod-cidr';

/** How pods get their addresses. */
export function networkParts(config: Config, log: Log) {
  const cni = new CniNetwork({
    podCidr: new PodCidrFile(join(config.rootDirectory, 'pod-cidr')),
    confDir: config.cniConfDir,
    binDirs: config.cniBinDirs,
    cacheDir: config.cniCacheDir,
    log: log.with({ network: 'cni' }),
  });
  return { cni, network: new ChosenNetwork(config.networkPlugin, cni, new BridgeNetwork()) };
}
