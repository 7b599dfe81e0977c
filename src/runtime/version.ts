import type { VersionRequest, VersionResponse } from '../../generated/runtime/v1/api';
import type { EngineFacts } from '../docker/engine-facts';
import type { CallContext } from '../lib/call-context';

/** The version of the kubelet's runtime API that every runtime has answered since the beginning. */
const KUBELET_API_VERSION = '0.1.0';
/** As the predecessors call themselves: tools look for it. */
const RUNTIME_NAME = 'docker';

export interface VersionNeeds {
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
}

/** Version: the engine's. Unavailable without an engine, as Status says too. */
export function version(needs: VersionNeeds) {
  return async (_request: VersionRequest, ctx: CallContext): Promise<VersionResponse> => {
    const facts = await needs.facts(ctx);
    return {
      version: KUBELET_API_VERSION,
      runtimeName: RUNTIME_NAME,
      runtimeVersion: facts.version,
      // The one spoken with the engine: of a runtime called docker, kubelets before 1.24 refuse pods with no_new_privs when
      // it is below 1.23.0, those with an unmasked /proc below 1.38.0, and both when it hasn't two dots.
      runtimeApiVersion: `${facts.apiVersion}.0`,
    };
  };
}
