import type { ContainerStatus } from '../../generated/runtime/v1/api';
import type { ContainerProcess } from '../host/container-cgroup';
import type { CallContext } from '../lib/call-context';
import { withImage, withInForce } from '../translate/container-status';
import type { ImageIndex } from './image-index';
import type { NodeContainer } from './node-record';

export interface ShownStatusNeeds {
  readonly images: Pick<ImageIndex, 'byId'>;
  readonly oomScoreOf: (pid: number) => number | undefined;
  readonly readCgroupFiles: (of: ContainerProcess, files: readonly string[]) => Readonly<Record<string, string>>;
}

/**
 * A container's status with what Docker does not tell of it, as the image index and the kernel have it now: so it is
 * right after a pull, after an update, and after a restart of the shim.
 */
export async function shownStatus(
  needs: ShownStatusNeeds,
  ctx: CallContext,
  container: NodeContainer,
): Promise<ContainerStatus> {
  const images = await needs.images.byId(ctx);
  const status = withImage(container.status, images.get(container.status.imageId));
  return container.pid === 0 ? status : withInForce(status, inForce(needs, container));
}

function inForce(needs: ShownStatusNeeds, { id: containerId, pid, cgroupFiles }: NodeContainer) {
  return {
    oomScoreAdj: needs.oomScoreOf(pid),
    cgroupFiles: cgroupFiles.length > 0 ? needs.readCgroupFiles({ containerId, pid }, cgroupFiles) : {},
  };
}
