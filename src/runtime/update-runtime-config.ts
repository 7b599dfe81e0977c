import type { UpdateRuntimeConfigRequest, UpdateRuntimeConfigResponse } from '../../generated/runtime/v1/api';
import type { CallContext } from '../lib/call-context';
import type { PodNetwork } from '../network/pod-network';
import { invalid } from '../translate/checks';

/** An IPv4 or IPv6 network in CIDR notation. */
const CIDR = /^[0-9a-fA-F.:]+\/\d{1,3}$/;

/** UpdateRuntimeConfig: the addresses that this node's pods are to have, for networks that take them from here. */
export function updateRuntimeConfig(needs: { readonly network: Pick<PodNetwork, 'setPodCidr'> }) {
  return async (request: UpdateRuntimeConfigRequest, ctx: CallContext): Promise<UpdateRuntimeConfigResponse> => {
    const podCidr = request.runtimeConfig?.networkConfig?.podCidr ?? '';
    for (const cidr of podCidr === '' ? [] : podCidr.split(',')) {
      if (!CIDR.test(cidr))
        throw invalid('runtime_config.network_config.pod_cidr', `is no network: ${JSON.stringify(cidr)}`);
    }
    if (podCidr !== '') {
      await needs.network.setPodCidr(podCidr);
      ctx.log.info("the kubelet names its pods' addresses", { podCidr });
    }
    return {};
  };
}
