import type { PodSandboxStatusRequest, PodSandboxStatusResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import type { ContainerInspect } from '../docker/types';
import { within, type CallContext } from '../lib/call-context';
import { messageOf } from '../lib/errors';
import { networkedPod } from '../translate/pod-networking';
import { sandboxStatus } from '../translate/sandbox-status';
import { findSandbox } from '../index/find-container';
import type { PodNetwork } from './pod-network';

export interface StatusNeeds {
  readonly engine: Pick<Engine, 'inspectContainer'>;
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
  readonly network: Pick<PodNetwork, 'addresses' | 'check'>;
}

/** Plugins that take longer to check a pod are left to themselves. */
const CHECK_TIMEOUT_MS = 5_000;

/**
 * PodSandboxStatus. With `verbose`, `info` has what crictl shows for debugging, as JSON; for that, and never else, the
 * network's plugins are asked to check the pod.
 */
export function podSandboxStatus(needs: StatusNeeds) {
  return async (request: PodSandboxStatusRequest, ctx: CallContext): Promise<PodSandboxStatusResponse> => {
    const sandbox = await findSandbox(needs.engine, ctx, request.podSandboxId);
    const { runtimes } = await needs.facts(ctx);
    const addresses = sandbox.State.Running ? await needs.network.addresses(sandbox) : [];
    const info = async () => ({ ...verboseInfo(sandbox), networkCheck: await checkNetwork(needs, ctx, sandbox) });
    return {
      status: sandboxStatus(sandbox, addresses, runtimes),
      info: request.verbose ? { info: JSON.stringify(await info()) } : {},
      containersStatuses: [],
      timestamp: 0n,
    };
  };
}

/** `passed`, or in words what is wrong; undefined for a pod without a network of its own. */
async function checkNetwork(
  { network }: StatusNeeds,
  ctx: CallContext,
  sandbox: ContainerInspect,
): Promise<string | undefined> {
  if (!sandbox.State.Running || sandbox.HostConfig.NetworkMode === 'host') return undefined;
  const bounded = within(ctx, CHECK_TIMEOUT_MS, 'checking the network of the pod');
  try {
    await network.check(bounded, networkedPod(sandbox, undefined));
    return 'passed';
  } catch (error) {
    return messageOf(error);
  } finally {
    bounded.dispose();
  }
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
