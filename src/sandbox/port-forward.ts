import type { PortForwardRequest, PortForwardResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { findSandbox } from '../index/find-container';
import type { CallContext } from '../lib/call-context';
import { ShimError } from '../lib/errors';
import type { PortForwardSession } from '../streaming/port-forward';
import { invalid } from '../translate/checks';
import { LARGEST_PORT } from '../translate/ports';

export interface PortForwardNeeds {
  readonly engine: Pick<Engine, 'inspectContainer'>;
  /** The URL at which a client finds the session. */
  readonly streamingUrl: (session: PortForwardSession) => string;
}

/** PortForward: answers the URL for a client that will connect to ports of a pod. Most name them only there. */
export function portForward(needs: PortForwardNeeds) {
  return async (request: PortForwardRequest, ctx: CallContext): Promise<PortForwardResponse> => {
    const wrong = request.port.find((port) => port < 1 || port > LARGEST_PORT);
    if (wrong !== undefined) throw invalid('port', `must be from 1 to ${LARGEST_PORT}, not ${wrong}`);
    const sandbox = await findSandbox(needs.engine, ctx, request.podSandboxId);
    if (!sandbox.State.Running) {
      throw new ShimError('FailedPrecondition', `the pod sandbox ${sandbox.Id} does not run`);
    }
    return { url: needs.streamingUrl({ kind: 'portforward', sandboxId: sandbox.Id, ports: request.port }) };
  };
}
