import { attach } from '../container/attach';
import { createContainer } from '../container/create';
import { getContainerEvents } from '../container/events';
import { exec } from '../container/exec';
import { execSync } from '../container/exec-sync';
import { listContainers } from '../container/list';
import { listContainerStats } from '../container/list-stats';
import { removeContainer } from '../container/remove';
import { reopenContainerLog } from '../container/reopen-log';
import { startContainer } from '../container/start';
import { containerStats } from '../container/stats';
import { containerStatus } from '../container/status';
import { stopContainer } from '../container/stop';
import { updateContainerResources } from '../container/update-resources';
import type { RuntimeVerbs } from '../cri/verbs';
import { requireAppArmorProfile } from '../host/app-armor';
import { readCgroupFiles, writeCgroupFiles } from '../host/cgroup/container-cgroup';
import { setOomScore } from '../host/oom-score';
import { killProcessTree } from '../host/process-tree';
import { readSeccompProfile } from '../host/seccomp-profile';
import { runtimeConfig } from '../runtime/runtime-config';
import { status } from '../runtime/status';
import { updateRuntimeConfig } from '../runtime/update-runtime-config';
import { version } from '../runtime/version';
import { listPodSandbox } from '../sandbox/list';
import { listMetricDescriptors, listPodSandboxMetrics } from '../sandbox/list-metrics';
import { listPodSandboxStats } from '../sandbox/list-stats';
import { portForward } from '../sandbox/port-forward';
import { removePodSandbox } from '../sandbox/remove';
import { runPodSandbox } from '../sandbox/run';
import { podSandboxStats } from '../sandbox/stats';
import { podSandboxStatus } from '../sandbox/status';
import { stopPodSandbox } from '../sandbox/stop';
import { updatePodSandboxResources } from '../sandbox/update-resources';
import type { Parts } from './parts/build';

/** The verbs of the RuntimeService, each made of the parts that it needs. */
export function runtimeVerbs(parts: Parts): RuntimeVerbs {
  const {
    current,
    onStep,
    engine,
    facts,
    logs,
    images,
    index,
    nodeIndex,
    accounts,
    pods,
    cgroups,
    cgroupUpdates,
    network,
    checkpoints,
    journal,
    containerMeter,
    podMeter,
    store,
    oomScore,
    hugepageSizes,
    pauseImage,
    streaming,
    onStopped,
  } = parts;
  const { hub, podEvents, statuses } = nodeIndex;
  const { containerLogs, containerLogSpoolBytes } = current();
  return {
    version: version({ facts }),
    status: status({ engine, facts, network, configuration: () => ({ ...current() }), logLag: () => logs.lag() }),
    runtimeConfig: runtimeConfig({ facts }),
    updateRuntimeConfig: updateRuntimeConfig({ network }),
    runPodSandbox: runPodSandbox({
      engine,
      facts,
      pauseImage,
      pods,
      checkpoints,
      journal,
      network,
      readSeccompProfile,
      requireAppArmorProfile,
      lowestOomScore: oomScore,
      podEvents,
      onStep,
    }),
    stopPodSandbox: stopPodSandbox({ engine, pods, network, checkpoints, onStopped, onStep }),
    removePodSandbox: removePodSandbox({ engine, pods, network, checkpoints, onStopped, logs, onStep }),
    podSandboxStatus: podSandboxStatus({ engine, index, statuses, network }),
    updatePodSandboxResources: updatePodSandboxResources({ engine }),
    listPodSandbox: listPodSandbox({ index }),
    portForward: portForward({ engine, streamingUrl: (session) => streaming.url(session) }),
    createContainer: createContainer({
      engine,
      facts,
      pods,
      accounts,
      readSeccompProfile,
      requireAppArmorProfile,
      lowestOomScore: oomScore,
      hugepageSizes,
      logSpoolBytes: containerLogs === 'cri' ? containerLogSpoolBytes : undefined,
    }),
    startContainer: startContainer({ engine, facts, logs, cgroups, cgroupUpdates, writeCgroupFiles }),
    stopContainer: stopContainer({ engine, index }),
    removeContainer: removeContainer({ engine, index, logs }),
    containerStatus: containerStatus({ engine, index, statuses }),
    listContainers: listContainers({ index, images }),
    getContainerEvents: getContainerEvents({ index, hub }),
    updateContainerResources: updateContainerResources({
      engine,
      facts,
      lowestOomScore: oomScore,
      hugepageSizes,
      cgroups,
      cgroupUpdates,
      readCgroupFiles,
      writeCgroupFiles,
      setOomScore,
    }),
    reopenContainerLog: reopenContainerLog({ engine, logs }),
    execSync: execSync({ engine, killProcessTree }),
    exec: exec({ engine, streamingUrl: (session) => streaming.url(session) }),
    attach: attach({ engine, streamingUrl: (session) => streaming.url(session) }),
    containerStats: containerStats({ index, store, meter: containerMeter }),
    listContainerStats: listContainerStats({ index, store, meter: containerMeter }),
    podSandboxStats: podSandboxStats({ index, store, podMeter, containerMeter }),
    listPodSandboxStats: listPodSandboxStats({ index, store, podMeter, containerMeter }),
    listMetricDescriptors: listMetricDescriptors(),
    listPodSandboxMetrics: listPodSandboxMetrics({ index, store, podMeter, containerMeter }),
  };
}
