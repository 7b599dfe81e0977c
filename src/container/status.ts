import type { ContainerStatusRequest, ContainerStatusResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { ContainerInspect, ImageInspect } from '../docker/types';
import type { ContainerProcess } from '../host/container-cgroup';
import type { CallContext } from '../lib/call-context';
import { isNotFound } from '../lib/errors';
import { containerStatus as toStatus } from '../translate/container-status';
import { readCgroupLabel, SANDBOX_ID_LABEL } from '../translate/labels';
import type { InForce } from '../translate/resources';
import { findContainer } from '../index/find-container';

export interface StatusNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'inspectImage'>;
  /** Whether the kernel says that it killed a process of the container for want of memory. */
  readonly oomKilled: (containerId: string) => boolean;
  readonly oomScoreOf: (pid: number) => number | undefined;
  readonly readCgroupFiles: (of: ContainerProcess, files: readonly string[]) => Readonly<Record<string, string>>;
}

/** 128 and SIGKILL. */
const KILLED_EXIT_CODE = 137;

/** ContainerStatus. With `verbose`, `info` has what crictl shows for debugging, as JSON. */
export function containerStatus(needs: StatusNeeds) {
  return async (request: ContainerStatusRequest, ctx: CallContext): Promise<ContainerStatusResponse> => {
    const container = await findContainer(needs.engine, ctx, request.containerId);
    const image = await imageIfAny(needs, ctx, container.Image);
    return {
      status: toStatus(container, image, wasOomKilled(needs, container), inForce(needs, container)),
      info: request.verbose ? { info: JSON.stringify(verboseInfo(container)) } : {},
    };
  };
}

/** A container outlives its image when that was removed by force. */
async function imageIfAny(needs: StatusNeeds, ctx: CallContext, id: string): Promise<ImageInspect | undefined> {
  try {
    return await needs.engine.inspectImage(ctx, id);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Docker's flag may miss a kill that ended the container; only such an end is looked up. */
function wasOomKilled(needs: StatusNeeds, { Id: id, State: state }: ContainerInspect): boolean {
  if (state.OOMKilled || state.Running || state.ExitCode !== KILLED_EXIT_CODE) return state.OOMKilled;
  return needs.oomKilled(id);
}

/** What Docker does not know, as the kernel has it: so it is right after an update, and after a restart of the shim. */
function inForce(needs: StatusNeeds, { Id: containerId, State: state, Config }: ContainerInspect): InForce | undefined {
  if (!state.Running) return undefined;
  const files = Object.keys(readCgroupLabel(Config.Labels));
  return {
    oomScoreAdj: needs.oomScoreOf(state.Pid),
    cgroupFiles: files.length > 0 ? needs.readCgroupFiles({ containerId, pid: state.Pid }, files) : {},
  };
}

function verboseInfo(container: ContainerInspect): Record<string, unknown> {
  return {
    sandboxID: container.Config.Labels?.[SANDBOX_ID_LABEL],
    pid: container.State.Pid,
    processStatus: container.State.Status,
    dockerName: container.Name.replace(/^\//, ''),
    dockerLogPath: container.LogPath,
    cgroupParent: container.HostConfig.CgroupParent,
    runtime: container.HostConfig.Runtime,
    entrypoint: container.Config.Entrypoint,
    command: container.Config.Cmd,
    workingDirectory: container.Config.WorkingDir,
    privileged: container.HostConfig.Privileged,
  };
}
