import type { FilesystemUsage, ImageFsInfoRequest, ImageFsInfoResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { CallContext } from '../lib/call-context';
import { messageOf } from '../lib/errors';
import { DiskUsageGauge } from './disk-usage';

export interface FsInfoNeeds {
  readonly engine: Pick<Engine, 'diskUsage' | 'info'>;
  /** The inodes of the file system that `path` is on: fs.promises.statfs. */
  readonly statfs: (path: string) => Promise<{ readonly files: number; readonly ffree: number }>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * ImageFsInfo. Both lists are always filled, with the same mount point: the kubelet's eviction manager stops at an empty
 * one. Bytes are Docker's own count, at most a minute old. Inodes are those of the whole file system, everybody's files
 * included, because no one counts them by directory; they are as of now, and so is the timestamp, for the eviction
 * manager passes over what is not newer than the last.
 */
export function imageFsInfo(
  needs: FsInfoNeeds,
): (request: ImageFsInfoRequest, ctx: CallContext) => Promise<ImageFsInfoResponse> {
  const gauge = new DiskUsageGauge(needs.engine, needs.now);
  return async (_request, ctx) => {
    const { imageRoots, imageBytes, containerBytes } = await gauge.read(ctx);
    const { mountpoint, inodes } = await storeOf(needs, ctx, imageRoots);
    const usage = (bytes: bigint): FilesystemUsage => ({
      timestamp: BigInt(Math.trunc(needs.now())) * 1_000_000n,
      fsId: { mountpoint },
      usedBytes: { value: bytes },
      inodesUsed: inodes,
    });
    return { imageFilesystems: [usage(imageBytes)], containerFilesystems: [usage(containerBytes)] };
  };
}

/** The first directory that exists. When the shim can see none, the engine being elsewhere, the inodes stay unknown. */
async function storeOf(
  needs: FsInfoNeeds,
  ctx: CallContext,
  roots: readonly string[],
): Promise<{ mountpoint: string; inodes: FilesystemUsage['inodesUsed'] }> {
  for (const mountpoint of roots) {
    try {
      const { files, ffree } = await needs.statfs(mountpoint);
      return { mountpoint, inodes: { value: BigInt(Math.max(0, files - ffree)) } };
    } catch (error) {
      ctx.log.debug('no image store here', { directory: mountpoint, error: messageOf(error) });
    }
  }
  const mountpoint = roots.at(-1) ?? '';
  ctx.log.warn("the shim can't see Docker's root directory: no inodes are reported", { directory: mountpoint });
  return { mountpoint, inodes: undefined };
}
