import type {
  LinuxContainerResources,
  UpdateContainerResourcesRequest,
  UpdateContainerResourcesResponse,
} from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import type { ContainerInspect } from '../docker/types';
import type { ContainerProcess } from '../host/cgroup/container-cgroup';
import { findContainer } from '../index/find-container';
import type { CallContext } from '../lib/call-context';
import { ShimError, whileDoing } from '../lib/errors';
import type { KeyedMutex } from '../lib/keyed-mutex';
import type { CgroupUpdates } from '../store/cgroup-updates';
import { cgroupFiles } from '../translate/cgroup-files';
import { invalid, unimplemented } from '../translate/checks';
import { readCgroupLabel } from '../translate/labels';
import { checkResources, dockerUpdate } from '../translate/resources';

type Files = Readonly<Record<string, string>>;

export interface UpdateNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'updateContainer'>;
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
  readonly lowestOomScore: number;
  readonly hugepageSizes: readonly string[];
  /** Serialises work on a container's cgroup files, by the container's id. */
  readonly cgroups: KeyedMutex;
  readonly cgroupUpdates: Pick<CgroupUpdates, 'of' | 'record'>;
  readonly readCgroupFiles: (of: ContainerProcess, files: readonly string[]) => Files;
  readonly writeCgroupFiles: (of: ContainerProcess, values: Files) => Promise<void>;
  readonly setOomScore: (of: ContainerProcess, score: number) => Promise<void>;
}

/**
 * UpdateContainerResources: what is zero or empty in the request stays as it is. Docker changes what its API can
 * express; files of the cgroup and the OOM score are the shim's.
 */
export function updateContainerResources(needs: UpdateNeeds) {
  return async (
    request: UpdateContainerResourcesRequest,
    ctx: CallContext,
  ): Promise<UpdateContainerResourcesResponse> => {
    const { linux } = request;
    if (request.windows !== undefined) throw invalid('windows', 'is for Windows nodes, this is Linux');
    if (linux === undefined) throw invalid('linux', 'is missing');
    const abilities = { ...(await needs.facts(ctx)), hugepageSizes: needs.hugepageSizes };
    checkResources('linux', linux, abilities);
    const container = await findContainer(needs.engine, ctx, request.containerId);
    const asked = cgroupFiles(linux, abilities);
    const oomScore = newOomScore(container, linux, needs.lowestOomScore);
    checkUpdatable(container, oomScore);
    checkMemory(container, linux);
    try {
      await needs.cgroups.run(ctx, container.Id, () => update(needs, ctx, container, linux, asked));
      if (oomScore !== undefined) await needs.setOomScore(processOf(container), oomScore);
    } catch (error) {
      throw whileDoing(`update resources of container ${container.Id}`, error);
    }
    return {};
  };
}

/**
 * An update of Docker's may have the container's files of the cgroup written anew, by its runtime or by systemd: what was
 * asked for before is written again. What is new is recorded when it is in force: a container that is restarted gets a new
 * cgroup, and one that is not started yet has none.
 */
async function update(
  needs: UpdateNeeds,
  ctx: CallContext,
  container: ContainerInspect,
  linux: LinuxContainerResources,
  asked: Files,
): Promise<void> {
  const { Id: id, Config: config, State: state } = container;
  const before: Files = { ...readCgroupLabel(config.Labels), ...needs.cgroupUpdates.of(id) };
  const files = { ...before, ...asked };
  const toWrite = state.Running && Object.keys(files).length > 0;
  const present = toWrite ? needs.readCgroupFiles(processOf(container), Object.keys(files)) : {};
  await needs.engine.updateContainer(ctx, id, dockerUpdate(linux, container.HostConfig));
  if (toWrite) await writeAllOrNone(needs, processOf(container), files, present);
  if (Object.entries(asked).some(([file, value]) => before[file] !== value))
    await needs.cgroupUpdates.record(id, asked);
}

/** A failed update is taken back: otherwise values would be in force of which the client was told that they failed. */
async function writeAllOrNone(needs: UpdateNeeds, of: ContainerProcess, files: Files, present: Files): Promise<void> {
  try {
    await needs.writeCgroupFiles(of, files);
  } catch (error) {
    await needs.writeCgroupFiles(of, present).catch(() => undefined);
    throw error;
  }
}

/** Docker takes a memory limit away from no container; from one that has none there is nothing to take. */
function checkMemory(
  { HostConfig: host }: ContainerInspect,
  { memoryLimitInBytes: memory }: LinuxContainerResources,
): void {
  if (memory >= 0n || (host.Memory ?? 0) === 0) return;
  throw unimplemented('linux.memory_limit_in_bytes', 'Docker cannot take a memory limit away: give another one');
}

/** Zero is also how a client says nothing. */
function newOomScore(
  { HostConfig: host, State: state }: ContainerInspect,
  { oomScoreAdj }: LinuxContainerResources,
  lowest: number,
): number | undefined {
  if (oomScoreAdj === 0n) return undefined;
  const score = Math.max(Number(oomScoreAdj), lowest);
  // A container that is not started yet gets what it was created with.
  return state.Running || score !== (host.OomScoreAdj ?? 0) ? score : undefined;
}

function checkUpdatable(container: ContainerInspect, oomScore: number | undefined): void {
  const { State: state, Id: id } = container;
  if (state.Running && !state.Dead) return;
  if (state.Dead || state.Status !== 'created') {
    throw new ShimError('FailedPrecondition', `container ${id} has ended: it has no resources to update`);
  }
  if (oomScore !== undefined) {
    throw new ShimError(
      'FailedPrecondition',
      `linux.oom_score_adj: container ${id} has no process before it is started`,
    );
  }
}

function processOf(container: ContainerInspect): ContainerProcess {
  return { containerId: container.Id, pid: container.State.Pid };
}
