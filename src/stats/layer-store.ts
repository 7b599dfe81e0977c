import type { EngineFacts } from '../docker/engine-facts';
import type { CallContext } from '../lib/call-context';
import { messageOf } from '../lib/errors';
import { Patience } from '../lib/patience';
import { mountOf, mountsSeenBy } from './mount-info';

/** How long the engine may take to say where its layers are, in milliseconds. */
const PATIENCE_MS = 1_000;

type StatFs = (path: string) => Promise<{
  readonly bsize: number;
  readonly blocks: number;
  readonly files: number;
  readonly ffree: number;
}>;

export interface LayerStoreNeeds {
  readonly facts: (ctx: CallContext) => Promise<Pick<EngineFacts, 'layerRoots'>>;
  /** fs.promises.statfs */
  readonly statfs: StatFs;
}

/** A whole file system, everybody's files included. */
export interface FileSystem {
  /** Such as `/dev/sda1`; empty when nobody knows. */
  readonly device: string;
  readonly bytes: bigint;
  readonly inodes: bigint;
  readonly inodesFree: bigint;
}

interface Place {
  readonly roots: readonly string[];
  readonly directory: string;
  readonly device: string;
}

/** Where the layers of images and containers are: looked for again whenever the engine's facts are others. */
export class LayerStore {
  private place: Place | undefined;
  private readonly patience = new Patience(PATIENCE_MS, 'asking for the layers');

  constructor(private readonly needs: LayerStoreNeeds) {}

  /**
   * The directory, which is what CRI calls a mount point; the engine's own when the shim can see none of those it may be.
   * Empty until the engine has said where its layers are: who measures does not wait for that, or for a second once.
   */
  async directory(ctx: CallContext): Promise<string> {
    return (await this.find(ctx))?.directory ?? '';
  }

  /** As it is now; undefined when the shim can't see it, the engine being elsewhere, or doesn't know yet where it is. */
  async fileSystem(ctx: CallContext): Promise<FileSystem | undefined> {
    const place = await this.find(ctx);
    if (place === undefined) return undefined;
    const { directory, device } = place;
    try {
      const { bsize, blocks, files, ffree } = await this.needs.statfs(directory);
      return {
        device,
        bytes: BigInt(bsize) * BigInt(blocks),
        inodes: BigInt(files),
        inodesFree: BigInt(Math.min(files, ffree)),
      };
    } catch (error) {
      ctx.log.warn("the shim can't see Docker's root directory: no inodes are reported", {
        directory,
        error: messageOf(error),
      });
      return undefined;
    }
  }

  private async find(ctx: CallContext): Promise<Place | undefined> {
    const roots = await this.roots(ctx);
    if (roots !== undefined && this.place?.roots !== roots) {
      const directory = await this.firstSeen(ctx, roots);
      const mounts = mountsSeenBy('self');
      this.place = { roots, directory, device: mountOf(directory, mounts)?.source ?? '' };
    }
    return this.place;
  }

  /** Those known last, if any, while the engine doesn't say. */
  private async roots(ctx: CallContext): Promise<readonly string[] | undefined> {
    const facts = await this.patience.waitFor(ctx, this.needs.facts);
    return facts?.layerRoots ?? this.place?.roots;
  }

  private async firstSeen(ctx: CallContext, roots: readonly string[]): Promise<string> {
    for (const directory of roots) {
      try {
        await this.needs.statfs(directory);
        return directory;
      } catch (error) {
        ctx.log.debug('no layers here', { directory, error: messageOf(error) });
      }
    }
    return roots.at(-1) ?? '';
  }
}
