import type { StartContainerRequest, StartContainerResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import type { ContainerProcess } from '../host/cgroup/container-cgroup';
import type { ContainerIndex } from '../index/container-index';
import { cannotTell } from '../index/find-container';
import { isCreated, type NodeContainer } from '../index/node-record';
import { withDetached, type CallContext } from '../lib/call-context';
import { kindOf, messageOf, ShimError, whileDoing } from '../lib/errors';
import type { KeyedMutex } from '../lib/keyed-mutex';
import type { ContainerLogs } from '../logs/container-logs';
import type { CgroupUpdates } from '../store/cgroup-updates';

/** How long Docker may take to start a container whose caller may have left, in milliseconds. */
const START_TIMEOUT_MS = 120_000;

export interface StartNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'startContainer' | 'stopContainer'>;
  readonly index: Pick<ContainerIndex, 'container'>;
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
  readonly logs: Pick<ContainerLogs, 'begin'>;
  /** Serialises work on a container's cgroup files, by the container's id. */
  readonly cgroups: KeyedMutex;
  readonly cgroupUpdates: Pick<CgroupUpdates, 'of'>;
  readonly writeCgroupFiles: (of: ContainerProcess, values: Readonly<Record<string, string>>) => Promise<void>;
}

/**
 * StartContainer. The log comes first, so that a container that ends at once has one too, and so that a log that can't
 * be had fails the call before anything runs.
 */
export function startContainer(needs: StartNeeds) {
  return async (request: StartContainerRequest, ctx: CallContext): Promise<StartContainerResponse> => {
    const container = await needs.index.container(ctx, request.containerId);
    if (!isCreated(container)) {
      throw new ShimError(
        'FailedPrecondition',
        `container ${container.id} was started before: it is ${container.running ? 'running' : 'exited'}`,
      );
    }
    await beginLog(needs, ctx, container);
    const files = { ...container.cgroupFiles, ...needs.cgroupUpdates.of(container.id) };
    if (Object.keys(files).length === 0) await start(needs, ctx, container.id);
    else await startToTheEnd(needs, ctx, container.id, files);
    return {};
  };
}

async function start(needs: StartNeeds, ctx: CallContext, id: string): Promise<void> {
  try {
    await needs.engine.startContainer(ctx, id);
  } catch (error) {
    throw startError(id, error);
  }
}

/**
 * Docker goes on with a start whose caller has left, so it is waited for all the same: a container must not run without
 * its limits. When the shim itself is killed meanwhile, its next life writes them (cgroup-keeper.ts).
 */
async function startToTheEnd(
  needs: StartNeeds,
  ctx: CallContext,
  id: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await withDetached(ctx.log, START_TIMEOUT_MS, `starting container ${id}`, (fresh) =>
    needs.cgroups.run(fresh, id, async () => {
      await start(needs, fresh, id);
      await setCgroupFiles(needs, fresh, id, files);
    }),
  );
}

/**
 * Docker has made the cgroup by now, and its API can't express these values. A container without its limits does not
 * run on; one that has ended meanwhile needs none.
 */
async function setCgroupFiles(
  needs: StartNeeds,
  ctx: CallContext,
  id: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const { State: state } = await needs.engine.inspectContainer(ctx, id);
  if (!state.Running) return;
  try {
    await needs.writeCgroupFiles({ containerId: id, pid: state.Pid }, files);
  } catch (error) {
    if (!(await needs.engine.inspectContainer(ctx, id)).State.Running) return;
    await needs.engine.stopContainer(ctx, id, 0);
    throw whileDoing(`start container ${id}`, error);
  }
}

async function beginLog(needs: StartNeeds, ctx: CallContext, { id, output, status }: NodeContainer): Promise<void> {
  const { logPath } = status;
  if (output === undefined) throw cannotTell('container', id);
  if (logPath === '') return;
  const { rootDirectory: dockerRootDirectory } = await needs.facts(ctx);
  await needs.logs.begin({ containerId: id, ...output, logPath, dockerRootDirectory }, ctx);
}

/** Docker answers 404 also when the program is not in the image; the container itself was there a moment ago. */
function startError(id: string, error: unknown): ShimError {
  if (kindOf(error) === 'NotFound' && !/no such container/i.test(messageOf(error))) {
    return new ShimError('InvalidArgument', `start container ${id}: ${messageOf(error)}`, error);
  }
  return whileDoing(`start container ${id}`, error);
}
