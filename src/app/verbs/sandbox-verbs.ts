import { listPodSandbox } from '../../sandbox/list';
import { listMetricDescriptors, listPodSandboxMetrics } from '../../sandbox/list-metrics';
import { listPodSandboxStats } from '../../sandbox/list-stats';
import { portForward } from '../../sandbox/port-forward';
import { removePodSandbox } from '../../sandbox/remove';
import { runPodSandbox } from '../../sandbox/run';
import { podSandboxStats } from '../../sandbox/stats';
import { podSandboxStatus } from '../../sandbox/status';
import { stopPodSandbox } from '../../sandbox/stop';
import { updatePodSandboxResources } from '../../sandbox/update-resources';
import type { Parts } from '../parts/build';

/** The verbs of the RuntimeService that are about pod sandboxes. */
export function sandboxVerbs(parts: Parts) {
  return {
    runPodSandbox: runPodSandbox(parts),
    stopPodSandbox: stopPodSandbox(parts),
    removePodSandbox: removePodSandbox(parts),
    podSandboxStatus: podSandboxStatus(parts),
    listPodSandbox: listPodSandbox(parts),
    updatePodSandboxResources: updatePodSandboxResources(parts),
    portForward: portForward(parts),
    podSandboxStats: podSandboxStats(parts),
    listPodSandboxStats: listPodSandboxStats(parts),
    listMetricDescriptors: listMetricDescriptors(),
    listPodSandboxMetrics: listPodSandboxMetrics(parts),
  };
}
