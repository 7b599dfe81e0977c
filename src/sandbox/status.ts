import type { PodSandboxStatusRequest, PodSandboxStatusResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { isOnHostNetwork } from '../docker/network-mode';
import type { ContainerInspect } from '../docker/types';
import type { ContainerIndex } from '../index/container-index';
import { findSandbox } from '../index/find-container';
import type { ShownStatuses } from '../index/shown-statuses';
import { withLimit, type CallContext } from '../lib/call-context';
import { messageOf } from '../lib/errors';
import { fromMilliseconds } from '../lib/time';
import type { PodNetwork } from '../network/pod-network';
import { networkedPod } from '../translate/pod-networking';

export interface StatusNeeds {
  readonly engine: Pick<Engine, 'inspectContainer'>;
  readonly index: Pick<ContainerIndex, 'toldSandbox' | 'toldMembers'>;
  readonly statuses: ShownStatuses;
  readonly network: Pick<PodNetwork, 'check'>;
}

/** Plugins that take longer to check a pod are left to themselves. */
const CHECK_TIMEOUT_MS = 5_000;

/**
 * PodSandboxStatus. With `verbose`, Docker is asked, and `info` has what crictl shows for debugging, as JSON; for that,
 * and never else, the network's plugins are asked to check the pod.
 * @throws ShimError Unavailable while nobody can tell the address of a sandbox that runs, or, for a minute, how a
 * container of it ended: the kubelet would end the pod, or take it for finished
 */
export function podSandboxStatus(needs: StatusNeeds) {
  return async (request: PodSandboxStatusRequest, ctx: CallContext): Promise<PodSandboxStatusResponse> => {
    const sandbox = await needs.index.toldSandbox(ctx, request.podSandboxId);
    const timestamp = fromMilliseconds(Date.now());
    const members = await needs.index.toldMembers(ctx, sandbox.id);
    return {
      status: await needs.statuses.sandbox(sandbox),
      info: request.verbose ? { info: JSON.stringify(await verboseInfo(needs, ctx, sandbox.id)) } : {},
      // A kubelet that reads events asks for a whole pod at once.
      containersStatuses: await needs.statuses.containers(ctx, members),
      timestamp,
    };
  };
}

/** `passed`, or in words what is wrong; undefined for a pod without a network of its own. */
async function checkNetwork(
  { network }: StatusNeeds,
  ctx: CallContext,
  sandbox: ContainerInspect,
): Promise<string | undefined> {
  if (!sandbox.State.Running || isOnHostNetwork(sandbox)) return undefined;
  try {
    await withLimit(ctx, CHECK_TIMEOUT_MS, 'checking the network of the pod', (bounded) =>
      network.check(bounded, networkedPod(sandbox)),
    );
    return 'passed';
  } catch (error) {
    return messageOf(error);
  }
}

async function verboseInfo(needs: StatusNeeds, ctx: CallContext, id: string): Promise<Record<string, unknown>> {
  const sandbox = await findSandbox(needs.engine, ctx, id);
  return {
    sandboxID: sandbox.Id,
    pid: sandbox.State.Pid,
    processStatus: sandbox.State.Status,
    image: sandbox.Config.Image,
    dockerName: sandbox.Name.replace(/^\//, ''),
    networkMode: sandbox.HostConfig.NetworkMode,
    cgroupParent: sandbox.HostConfig.CgroupParent,
    runtime: sandbox.HostConfig.Runtime,
    resolvConfPath: sandbox.ResolvConfPath,
    networkCheck: await checkNetwork(needs, ctx, sandbox),
  };
}
