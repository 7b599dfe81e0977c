import type {
  LinuxContainerResources,
  UpdateContainerResourcesRequest,
  UpdateContainerResourcesResponse,
} from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import type { Resources } from '../docker/types';
import type { ContainerProcess } from '../host/cgroup/container-cgroup';
import type { ContainerIndex } from '../index/container-index';
import { cannotTell } from '../index/find-container';
import { isCreated, type NodeContainer } from '../index/node-record';
import type { CallContext } from '../lib/call-context';
import { ShimError, whileDoing } from '../lib/errors';
import type { KeyedMutex } from '../lib/keyed-mutex';
import type { CgroupUpdates } from '../store/cgroup-updates';
import { cgroupFiles } from '../translate/cgroup-files';
import { invalid, unimplemented } from '../translate/checks';
import { checkResources, dockerUpdate } from '../translate/resources';

type Files = Readonly<Record<string, string>>;

interface Update {
  readonly container: NodeContainer;
  /** What Docker is asked for. */
  readonly body: Resources;
  /** The files of the cgroup that the request is about. */
  readonly asked: Files;
}

export interface UpdateNeeds {
  readonly engine: Pick<Engine, 'updateContainer'>;
  readonly index: Pick<ContainerIndex, 'settledContainer'>;
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
    const container = await needs.index.settledContainer(ctx, request.containerId);
    const present = resourcesOf(container);
    const asked = cgroupFiles(linux, abilities);
    const oomScore = newOomScore(container, linux, present, needs.lowestOomScore);
    checkUpdatable(container, oomScore);
    checkMemory(linux, present);
    try {
      const update = { container, body: dockerUpdate(linux, present), asked };
      await needs.cgroups.run(ctx, container.id, () => carryOut(needs, ctx, update));
      if (oomScore !== undefined) await needs.setOomScore(processOf(container), oomScore);
    } catch (error) {
      throw whileDoing(`update resources of container ${container.id}`, error);
    }
    return {};
  };
}

/**
 * An update of Docker's may have the container's files of the cgroup written anew, by its runtime or by systemd: what was
 * asked for before is written again. What is new is recorded when it is in force: a container that is restarted gets a new
 * cgroup, and one that is not started yet has none.
 */
async function carryOut(needs: UpdateNeeds, ctx: CallContext, { container, body, asked }: Update): Promise<void> {
  const { id, cgroupFiles: createdWith, running } = container;
  const before: Files = { ...createdWith, ...needs.cgroupUpdates.of(id) };
  const files = { ...before, ...asked };
  const toWrite = running && Object.keys(files).length > 0;
  const present = toWrite ? needs.readCgroupFiles(processOf(container), Object.keys(files)) : {};
  await needs.engine.updateContainer(ctx, id, body);
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

function resourcesOf({ id, status }: NodeContainer): LinuxContainerResources {
  const known = status.resources?.linux;
  if (known === undefined) throw cannotTell('container', id);
  return known;
}

/** Docker takes a memory limit away from no container; from one that has none there is nothing to take. */
function checkMemory({ memoryLimitInBytes: memory }: LinuxContainerResources, present: LinuxContainerResources): void {
  if (memory >= 0n || present.memoryLimitInBytes === 0n) return;
  throw unimplemented('linux.memory_limit_in_bytes', 'Docker cannot take a memory limit away: give another one');
}

/** Zero is also how a client says nothing. */
function newOomScore(
  { running }: NodeContainer,
  { oomScoreAdj }: LinuxContainerResources,
  present: LinuxContainerResources,
  lowest: number,
): number | undefined {
  if (oomScoreAdj === 0n) return undefined;
  const score = Math.max(Number(oomScoreAdj), lowest);
  // A container that is not started yet gets what it was created with.
  return running || BigInt(score) !== present.oomScoreAdj ? score : undefined;
}

function checkUpdatable(container: NodeContainer, oomScore: number | undefined): void {
  const { running, id } = container;
  if (running) return;
  if (!isCreated(container)) {
    throw new ShimError('FailedPrecondition', `container ${id} has ended: it has no resources to update`);
  }
  if (oomScore !== undefined) {
    throw new ShimError(
      'FailedPrecondition',
      `linux.oom_score_adj: container ${id} has no process before it is started`,
    );
  }
}

function processOf({ id: containerId, pid }: NodeContainer): ContainerProcess {
  return { containerId, pid };
}
