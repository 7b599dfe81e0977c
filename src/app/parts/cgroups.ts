import { join } from 'node:path';
import type { Config } from '../../config/config';
import { CgroupKeeper } from '../../container/cgroup-keeper';
import type { Engine } from '../../docker/engine';
import { isInContainer, readCgroupFiles, writeCgroupFiles } from '../../host/cgroup/container-cgroup';
import { limitedHugepageSizes } from '../../host/cgroup/hugepages';
import { KeyedMutex } from '../../lib/keyed-mutex';
import type { Log } from '../../lib/log';
import { CgroupUpdates } from '../../store/cgroup-updates';

/** The limits that Docker's API cannot express. */
export async function cgroupParts(config: Config, engine: Pick<Engine, 'listContainers'>, log: Log) {
  const cgroups = new KeyedMutex();
  const cgroupUpdates = new CgroupUpdates(join(config.rootDirectory, 'cgroups'));
  const cgroupKeeper = new CgroupKeeper({
    engine,
    cgroups,
    updates: cgroupUpdates,
    isInContainer,
    readCgroupFiles,
    writeCgroupFiles,
    log,
  });
  return { cgroups, cgroupUpdates, cgroupKeeper, hugepageSizes: await limitedHugepageSizes() };
}
