import type { PodSandboxStatusRequest, PodSandboxStatusResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import type { ContainerInspect } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { sandboxStatus } from '../translate/sandbox-status';
import { findSandbox } from '../index/find-container';
import type { PodNetwork } from './pod-network';

export interface StatusNeeds {
  readonly engine: Pick<Engine, 'inspectContainer'>;
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
  readonly network: PodNetwork;
}

/** PodSandboxStatus. With `verbose`, `info` has what crictl shows for debugging, as JSON. */
export function podSandboxStatus(needs: StatusNeeds) {
  return async (request: PodSandboxStatusRequest, ctx: CallContext): Promise<PodSandboxStatusResponse> => {
    const sandbox = await findSandbox(needs.engine, ctx, request.podSandboxId);
    const { runtimes } = await needs.facts(ctx);
    const addresses = sandbox.State.Running ? await needs.network.addresses(sandbox) : [];
    return {
      status: sandboxStatus(sandbox, addresses, runtimes),
      info: request.verbose ? { info: JSON.stringify(verboseInfo(sandbox)) } : {},
      containersStatuses: [],
      timestamp: 0n,
    };
  };
}

function verboseInfo(sandbox: ContainerInspect): Record<string, unknown> {
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
  };
}
