import { HostPaths } from '../../container/host-paths';
import { requireAppArmorProfile } from '../../host/app-armor';
import { isInContainer, readCgroupFiles, writeCgroupFiles } from '../../host/cgroup/container-cgroup';
import { lowestOomScore, oomScoreOf, setOomScore } from '../../host/oom-score';
import { killLeftBehind, killProcessTree } from '../../host/process-tree';
import { readSeccompProfile } from '../../host/seccomp-profile';

/** What is asked of the host itself, and done to it. */
export async function hostParts() {
  return {
    readCgroupFiles,
    writeCgroupFiles,
    hostPaths: new HostPaths(),
    lowestOomScore: await lowestOomScore(),
    oomScoreOf,
    setOomScore,
    killProcessTree,
    killLeftBehind,
    isInContainer,
    readSeccompProfile,
    requireAppArmorProfile,
  };
}
