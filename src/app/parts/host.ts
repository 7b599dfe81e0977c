import { requireAppArmorProfile } from '../../host/app-armor';
import { readCgroupFiles, writeCgroupFiles } from '../../host/cgroup/container-cgroup';
import { lowestOomScore, oomScoreOf, setOomScore } from '../../host/oom-score';
import { killProcessTree } from '../../host/process-tree';
import { readSeccompProfile } from '../../host/seccomp-profile';

/** What is asked of the host itself, and done to it. */
export async function hostParts() {
  return {
    readCgroupFiles,
    writeCgroupFiles,
    lowestOomScore: await lowestOomScore(),
    oomScoreOf,
    setOomScore,
    killProcessTree,
    readSeccompProfile,
    requireAppArmorProfile,
  };
}
