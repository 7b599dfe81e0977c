import { stat } from 'node:fs/promises';
import type { Device } from '../../generated/runtime/v1/api';
import type { CallContext } from '../lib/call-context';
import { messageOf } from '../lib/errors';
import { untilEnded } from '../lib/until-ended';
import { invalid } from '../translate/checks';

/**
 * Docker looks for devices only when the container starts.
 * @throws ShimError InvalidArgument naming the one that the host does not have.
 */
export async function checkDevicesExist(ctx: CallContext, devices: readonly Device[]): Promise<void> {
  for (const { hostPath } of devices) {
    await untilEnded(ctx, stat(hostPath)).catch((error: unknown) => {
      if (ctx.signal.aborted) throw error;
      throw invalid(`config.devices.host_path ${hostPath}:`, messageOf(error));
    });
  }
}
