import type { FilesystemUsage, ImageFsInfoRequest, ImageFsInfoResponse } from '../../generated/runtime/v1/api';
import type { CallContext } from '../lib/call-context';
import { ShimError } from '../lib/errors';
import { fromMilliseconds } from '../lib/time';
import { DiskUsageGauge, type DiskUsageNeeds } from './disk-usage';

export interface FsInfoNeeds extends DiskUsageNeeds {
  /** Where the layers are, and the file system that they are on. */
  readonly store: {
    directory(ctx: CallContext): Promise<string>;
    fileSystem(ctx: CallContext): Promise<{ readonly inodes: bigint; readonly inodesFree: bigint } | undefined>;
  };
}

/**
 * ImageFsInfo. Both lists are always filled, with the same mount point: the kubelet's eviction manager stops at an empty
 * one. Bytes are Docker's own count (disk-usage.ts says how old). Inodes are those of the whole file system, everybody's
 * files included, because no one counts them by directory; they are as of now, and so is the timestamp, for the eviction
 * manager passes over what is not newer than the last.
 * @throws ShimError Unavailable until the engine has said where its layers are
 */
export function imageFsInfo(
  needs: FsInfoNeeds,
): (request: ImageFsInfoRequest, ctx: CallContext) => Promise<ImageFsInfoResponse> {
  const gauge = new DiskUsageGauge(needs);
  return async (_request, ctx) => {
    const mountpoint = await needs.store.directory(ctx);
    if (mountpoint === '') throw new ShimError('Unavailable', 'docker has not said yet where it keeps its images');
    const { imageBytes, containerBytes } = await gauge.read(ctx);
    const fileSystem = await needs.store.fileSystem(ctx);
    const usage = (bytes: bigint): FilesystemUsage => ({
      timestamp: fromMilliseconds(needs.clock.now()),
      fsId: { mountpoint },
      usedBytes: { value: bytes },
      inodesUsed: fileSystem && { value: fileSystem.inodes - fileSystem.inodesFree },
    });
    return { imageFilesystems: [usage(imageBytes)], containerFilesystems: [usage(containerBytes)] };
  };
}
