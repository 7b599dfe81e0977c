import type { StartContainerRequest, StartContainerResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import type { ContainerInspect } from '../docker/types';
import type { ContainerProcess } from '../host/cgroup/container-cgroup';
import { findContainer } from '../index/find-container';
import { pause, withDetached, type CallContext } from '../lib/call-context';
import { kindOf, messageOf, ShimError, whileDoing } from '../lib/errors';
import type { KeyedMutex } from '../lib/keyed-mutex';
import type { ContainerLogs } from '../logs/container-logs';
import type { CgroupUpdates } from '../store/cgroup-updates';
import { LOG_PATH_LABEL, readCgroupLabel } from '../translate/labels';

/** How long Docker may take to start a container whose caller may have left, in milliseconds. */
const START_TIMEOUT_MS = 120_000;
/** How long Docker may take to notice that a container has ended, and how often it is asked meanwhile, in milliseconds. */
const END_NOTICED_MS = 2_000;
const ASK_AGAIN_MS = 100;

export interface StartNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'startContainer' | 'stopContainer'>;
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
  readonly logs: Pick<ContainerLogs, 'begin'>;
  /** Serialises work on a container's cgroup files, by the container's id. */
  readonly cgroups: KeyedMutex;
  readonly cgroupUpdates: Pick<CgroupUpdates, 'of'>;
  readonly isInContainer: (of: ContainerProcess) => boolean;
  readonly writeCgroupFiles: (of: ContainerProcess, values: Readonly<Record<string, string>>) => Promise<void>;
}

/**
 * StartContainer. The log comes first, so that a container that ends at once has one too, and so that a log that can't
 * be had fails the call before anything runs.
 */
export function startContainer(needs: StartNeeds) {
  return async (request: StartContainerRequest, ctx: CallContext): Promise<StartContainerResponse> => {
    const container = await findContainer(needs.engine, ctx, request.containerId);
    if (container.State.Status !== 'created') {
      throw new ShimError(
        'FailedPrecondition',
        `container ${container.Id} was started before: it is ${container.State.Status}`,
      );
    }
    await beginLog(needs, ctx, container);
    const files = { ...readCgroupLabel(container.Config.Labels), ...needs.cgroupUpdates.of(container.Id) };
    if (Object.keys(files).length === 0) await start(needs, ctx, container);
    else await startToTheEnd(needs, ctx, container, files);
    return {};
  };
}

async function start(needs: StartNeeds, ctx: CallContext, container: ContainerInspect): Promise<void> {
  try {
    await needs.engine.startContainer(ctx, container.Id);
  } catch (error) {
    throw startError(container.Id, error);
  }
}

/**
 * Docker goes on with a start whose caller has left, so it is waited for all the same: a container must not run without
 * its limits. When the shim itself is killed meanwhile, its next life writes them (cgroup-keeper.ts).
 */
async function startToTheEnd(
  needs: StartNeeds,
  ctx: CallContext,
  container: ContainerInspect,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await withDetached(ctx.log, START_TIMEOUT_MS, `starting container ${container.Id}`, (fresh) =>
    needs.cgroups.run(fresh, container.Id, async () => {
      await start(needs, fresh, container);
      await setCgroupFiles(needs, fresh, container, files);
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
  container: ContainerInspect,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const { State: state } = await needs.engine.inspectContainer(ctx, container.Id);
  if (!state.Running) return;
  const process = { containerId: container.Id, pid: state.Pid };
  try {
    await needs.writeCgroupFiles(process, files);
  } catch (error) {
    if (await endsMeanwhile(needs, ctx, process)) return;
    await needs.engine.stopContainer(ctx, container.Id, 0);
    throw whileDoing(`start container ${container.Id}`, error);
  }
}

/**
 * The kernel has no process of a container any more that has ended, before Docker knows. That its cgroup can't be read may
 * have other reasons, so Docker has the last word.
 */
async function endsMeanwhile(needs: StartNeeds, ctx: CallContext, process: ContainerProcess): Promise<boolean> {
  for (let left = END_NOTICED_MS; left > 0; left -= ASK_AGAIN_MS) {
    if (!(await needs.engine.inspectContainer(ctx, process.containerId)).State.Running) return true;
    if (needs.isInContainer(process)) return false;
    await pause(ctx, ASK_AGAIN_MS);
  }
  return false;
}

async function beginLog(needs: StartNeeds, ctx: CallContext, container: ContainerInspect): Promise<void> {
  const logPath = container.Config.Labels?.[LOG_PATH_LABEL] ?? '';
  if (logPath === '') return;
  const { rootDirectory: dockerRootDirectory } = await needs.facts(ctx);
  const { Id: containerId, Config: config, HostConfig: host } = container;
  const output = { containerId, tty: config.Tty === true, logDriver: host.LogConfig?.Type ?? '' };
  await needs.logs.begin({ ...output, logPath, dockerRootDirectory }, ctx);
}

/** Docker answers 404 also when the program is not in the image; the container itself was there a moment ago. */
function startError(id: string, error: unknown): ShimError {
  if (kindOf(error) === 'NotFound' && !/no such container/i.test(messageOf(error))) {
    return new ShimError('InvalidArgument', `start container ${id}: ${messageOf(error)}`, error);
  }
  return whileDoing(`start container ${id}`, error);
}
