import type { ImageSpec, Mount } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { requireImage } from '../index/find-image';
import type { CallContext } from '../lib/call-context';
import { kindOf, messageOf, ShimError, whileDoing } from '../lib/errors';
import { invalid } from '../translate/checks';
import { parseReference } from '../translate/image-reference';
import type { HostPaths } from './host-paths';

/**
 * The mounts as Docker is to have them: host paths as the kernel will see them, images by their ids.
 * @throws ShimError InvalidArgument or Unavailable naming the mount.
 */
export async function prepareMounts(
  engine: Pick<Engine, 'inspectImage'>,
  hostPaths: Pick<HostPaths, 'resolve'>,
  ctx: CallContext,
  mounts: readonly Mount[],
): Promise<Mount[]> {
  const prepared: Mount[] = [];
  for (const mount of mounts) {
    prepared.push(
      mount.image === undefined
        ? { ...mount, hostPath: await resolveHostPath(hostPaths, ctx, mount) }
        : { ...mount, image: await resolveImage(engine, ctx, mount, mount.image) },
    );
  }
  return prepared;
}

/**
 * A link is followed, and a missing path is made a directory, as the other runtimes do (Docker by itself would do so
 * only from API 1.42 on).
 */
async function resolveHostPath(hostPaths: Pick<HostPaths, 'resolve'>, ctx: CallContext, mount: Mount): Promise<string> {
  try {
    return await hostPaths.resolve(ctx, mount.hostPath);
  } catch (error) {
    if (error instanceof ShimError) throw whileDoing(`mount ${mount.containerPath}`, error);
    throw invalid(`mount ${mount.containerPath}: host_path ${mount.hostPath}:`, messageOf(error));
  }
}

/** By id, which a status can report, and which stays the same when a tag moves. */
async function resolveImage(
  engine: Pick<Engine, 'inspectImage'>,
  ctx: CallContext,
  mount: Mount,
  image: ImageSpec,
): Promise<ImageSpec> {
  try {
    return { ...image, image: (await requireImage(engine, ctx, parseReference(image.image))).Id };
  } catch (error) {
    throw whileDoing(`mount ${mount.containerPath}`, error);
  }
}

/**
 * Whether the parts of images that are mounted are there. Docker looks for them only when the container starts; asked for
 * anything in a container that it has made, it makes the mounts to look.
 * @throws ShimError InvalidArgument naming the mount.
 */
export async function checkImageSubPaths(
  engine: Pick<Engine, 'findInContainer'>,
  ctx: CallContext,
  containerId: string,
  mounts: readonly Mount[],
): Promise<void> {
  const parts = mounts.filter(({ image, imageSubPath }) => image !== undefined && imageSubPath !== '');
  for (const { containerPath, imageSubPath } of parts) {
    await engine.findInContainer(ctx, containerId, containerPath).catch((error: unknown) => {
      if (kindOf(error) !== 'Internal') throw error;
      throw invalid(`mount ${containerPath}: image_sub_path`, `${JSON.stringify(imageSubPath)} is not in the image`);
    });
  }
}
