import type { Device } from '../../generated/runtime/v1/api';
import type { CallContext } from '../lib/call-context';
import { messageOf, ShimError } from '../lib/errors';
import { invalid } from '../translate/checks';
import type { HostPaths } from './host-paths';

/**
 * Docker looks for devices only when the container starts.
 * @throws ShimError InvalidArgument naming the one that the host does not have, Unavailable when it hangs.
 */
export async function checkDevicesExist(
  hostPaths: Pick<HostPaths, 'requireThere'>,
  ctx: CallContext,
  devices: readonly Device[],
): Promise<void> {
  for (const { hostPath } of devices) {
    await hostPaths.requireThere(ctx, hostPath).catch((error: unknown) => {
      if (error instanceof ShimError) throw error;
      throw invalid(`config.devices.host_path ${hostPath}:`, messageOf(error));
    });
  }
}
