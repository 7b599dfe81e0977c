import type { StopContainerRequest, StopContainerResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { stopIfThere } from '../docker/stop-container';
import type { ContainerIndex } from '../index/container-index';
import type { CallContext } from '../lib/call-context';
import { ifFound, whileDoing } from '../lib/errors';
import { invalid } from '../translate/checks';

/** Docker takes the grace as a 32-bit number of seconds; this is 68 years. */
const LONGEST_GRACE_SECONDS = 2_147_483_647n;

export interface StopNeeds {
  readonly engine: Pick<Engine, 'stopContainer'>;
  readonly index: Pick<ContainerIndex, 'container'>;
}

/**
 * StopContainer: the stop signal, `timeout` seconds of grace, SIGKILL. Returns when the process is dead. Succeeds when it
 * is dead or gone already.
 */
export function stopContainer(needs: StopNeeds) {
  return async (request: StopContainerRequest, ctx: CallContext): Promise<StopContainerResponse> => {
    if (request.timeout < 0n) throw invalid('timeout', `must not be negative: ${request.timeout}`);
    const grace = request.timeout > LONGEST_GRACE_SECONDS ? LONGEST_GRACE_SECONDS : request.timeout;
    const container = await ifFound(needs.index.container(ctx, request.containerId));
    if (container === undefined) return {};
    // Also one that ended, as far as is known: Docker knows best, and has nothing to do then.
    try {
      await stopIfThere(needs.engine, ctx, container.id, Number(grace));
    } catch (error) {
      throw whileDoing(`stop container ${container.id}`, error);
    }
    return {};
  };
}
