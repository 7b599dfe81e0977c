import { CgroupDriver, type RuntimeConfigRequest, type RuntimeConfigResponse } from '../../generated/runtime/v1/api';
import type { EngineFacts } from '../docker/engine-facts';
import type { CallContext } from '../lib/call-context';

export interface RuntimeConfigNeeds {
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
}

/** RuntimeConfig: the engine's cgroup driver, which the kubelet then takes for its own. */
export function runtimeConfig(needs: RuntimeConfigNeeds) {
  return async (_request: RuntimeConfigRequest, ctx: CallContext): Promise<RuntimeConfigResponse> => {
    const { cgroupDriver } = await needs.facts(ctx);
    return { linux: { cgroupDriver: cgroupDriver === 'systemd' ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS } };
  };
}
