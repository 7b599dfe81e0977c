import type { CgroupKeeper } from '../../container/cgroup-keeper';
import type { EngineConnection } from '../../docker/connection';
import type { Engine } from '../../docker/engine';
import { OomKills } from '../../host/oom-kills';
import { IndexedEngine } from '../../index/indexed-engine';
import { hasEnded, isSameRun, type NodeRecord } from '../../index/node-record';
import { NodeIndex, type NodeIndexNeeds } from '../../index/node-index';
import type { ContainerLogs } from '../../logs/container-logs';
import type { PodNetwork } from '../../network/pod-network';
import type { CgroupUpdates } from '../../store/cgroup-updates';

interface NodeNeeds extends Pick<NodeIndexNeeds, 'runtimes' | 'oomScoreOf' | 'readCgroupFiles' | 'log'> {
  readonly connection: EngineConnection;
  readonly docker: Engine;
  readonly logs: ContainerLogs;
  readonly network: Pick<PodNetwork, 'addresses'>;
  readonly cgroupUpdates: CgroupUpdates;
  readonly cgroupKeeper: CgroupKeeper;
}

/** The node in memory, and the engine that keeps it in step with what the shim does. */
export function nodeParts(needs: NodeNeeds) {
  const oomKills = new OomKills(needs.log);
  const nodeIndex = new NodeIndex({
    ...needs,
    engine: needs.docker,
    oomKilled: (id) => oomKills.has(id),
    drain: needs.logs,
    addresses: (sandbox) => needs.network.addresses(sandbox),
    updatedCgroupFiles: (id) => needs.cgroupUpdates.of(id),
    onChange(before, after) {
      needs.cgroupKeeper.onChange(before, after);
      tellLogs(needs.logs, before, after);
    },
  });
  const { containers: index, images, statuses, hub, podEvents, podsInMaking } = nodeIndex;
  const engine = new IndexedEngine(needs.connection, index, images);
  return { oomKills, nodeIndex, index, images, statuses, hub, podEvents, podsInMaking, engine };
}

/** Of runs that no call of the shim has started, and of containers that none has removed. */
function tellLogs(logs: ContainerLogs, before: NodeRecord | undefined, after: NodeRecord | undefined): void {
  if (after === undefined) {
    if (before?.kind === 'container') void logs.onGone(before.id);
  } else if (after.kind === 'container' && !isSameRun(before, after)) {
    // A run may be over before it was seen. The end of a run that was seen is kept back until the log is complete.
    const isOver = before?.kind === 'container' && hasEnded(before) && hasEnded(after);
    if (after.running || isOver) void logs.onRun(after.id, isOver);
  }
}
