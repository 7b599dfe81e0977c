import { mkdir, realpath, stat } from 'node:fs/promises';
import { withLimit, type CallContext } from '../lib/call-context';
import { HOST_CLOCK } from '../lib/clock';
import { ShimError } from '../lib/errors';
import { untilEnded } from '../lib/until-ended';
import { mountOf, mountsSeenBy, type MountInfo } from '../stats/mount-info';

/** Half of the threads that libuv has for all file calls of the process. */
const PLACES = 2;

/**
 * How long a path is waited for, in milliseconds. A disk takes less even when it is busy; a kubelet would wait for two
 * minutes, and then have nothing to tell of but its own deadline.
 */
const PATIENCE_MS = 10_000;

/** How old the mount table may be, in milliseconds: many wait at a node's start, and to read it takes one of a busy node. */
const MOUNTS_LAST_MS = 1_000;

/** Looks at one path of the host. It may never end, and nothing can make it. */
type Look = (path: string) => Promise<string>;

interface LookUp {
  readonly path: string;
  readonly look: Look;
  readonly begun: number;
  /** Whose mount the path is on; undefined for the node's own. */
  readonly server: string | undefined;
  readonly result: Promise<string>;
  /** Its place is free then; never fails. */
  readonly ended: Promise<void>;
}

export interface HostFiles {
  /** The real path; a missing one is made a directory. */
  readonly resolve: Look;
  /** The path itself; fails when there is nothing at it. */
  readonly find: Look;
  readonly mounts: () => readonly MountInfo[];
}

/**
 * Looks at host paths that the kubelet names. One on a mount whose server is dead keeps a thread until the server is
 * back, whoever has left, and the kubelet tries again and again. So a path is never looked at twice at a time, nor two
 * of one server, and no more than two in all: the other threads stay for logs, records and networks.
 *
 * A path that takes too long is refused, from then on at once until its look ends: the kubelet, which tries again with
 * every sync of the pod, has the reason in its event, and its worker is free to end the pod. With both places lost, other
 * paths are taken as they are, for every container has some, and all of the node's pods would wait for two dead servers.
 */
export class HostPaths {
  private readonly unfinished = new Set<LookUp>();
  private mounts: { readonly all: readonly MountInfo[]; readonly readAt: number } | undefined;

  constructor(private readonly files: HostFiles = HOST_FILES) {}

  /**
   * The path as the kernel will see it: links are followed, and a missing path is made a directory.
   * @throws ShimError Unavailable when it hangs; the file system's own error.
   */
  async resolve(ctx: CallContext, path: string): Promise<string> {
    return await this.lookUp(ctx, path, this.files.resolve);
  }

  /** @throws ShimError Unavailable when it hangs; the file system's own error when there is nothing at the path. */
  async requireThere(ctx: CallContext, path: string): Promise<void> {
    await this.lookUp(ctx, path, this.files.find);
  }

  private async lookUp(ctx: CallContext, path: string, look: Look): Promise<string> {
    const server = serverOf(path, this.mountTable());
    for (;;) {
      const all = [...this.unfinished];
      const own = all.find((other) => other.path === path && other.look === look);
      const ahead = own ?? inTheWay(all, path, server);
      if (ahead !== undefined) {
        if (!(await oneEnds(ctx, [ahead]))) throw hangs(path, ahead.path);
        if (own !== undefined) return await own.result;
      } else if (all.length < PLACES) {
        this.begin(path, look, server);
      } else if (!(await oneEnds(ctx, all))) {
        // Docker follows links by itself, makes directories where its API can, and says what is missing.
        ctx.log.warn('a host path is left for Docker to look at', {
          path,
          hanging: all.map((at) => at.path).join(' '),
        });
        return path;
      }
    }
  }

  private mountTable(): readonly MountInfo[] {
    const now = HOST_CLOCK.passed();
    if (this.mounts === undefined || now - this.mounts.readAt > MOUNTS_LAST_MS) {
      this.mounts = { all: this.files.mounts(), readAt: now };
    }
    return this.mounts.all;
  }

  private begin(path: string, look: Look, server: string | undefined): void {
    const result = look(path);
    const end = (): void => void this.unfinished.delete(lookUp);
    const ended = result.then(end, end);
    const lookUp: LookUp = { path, look, begun: HOST_CLOCK.passed(), server, result, ended };
    this.unfinished.add(lookUp);
  }
}

const HOST_FILES: HostFiles = {
  async resolve(path) {
    await stat(path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      await mkdir(path, { recursive: true, mode: 0o755 });
    });
    return await realpath(path);
  },
  async find(path) {
    await stat(path);
    return path;
  },
  // Read without asking any server.
  mounts: () => mountsSeenBy('self'),
};

/** The one of the same path, or of the same server, with which it would hang as well. */
function inTheWay(all: readonly LookUp[], path: string, server: string | undefined): LookUp | undefined {
  return all.find((at) => at.path === path || (server !== undefined && at.server === server));
}

/** Whether one of them ends before all have taken too long. */
async function oneEnds(ctx: CallContext, lookUps: readonly LookUp[]): Promise<boolean> {
  const left = Math.max(...lookUps.map(({ begun }) => begun)) + PATIENCE_MS - HOST_CLOCK.passed();
  // Nothing listens to a look any more that may never end: it would keep every listener.
  if (left <= 0) return false;
  try {
    await withLimit(ctx, left, 'looking at a host path', (bounded) =>
      untilEnded(bounded, Promise.race(lookUps.map(({ ended }) => ended))),
    );
    return true;
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    return false;
  }
}

/** Whose mount the path is on, as NFS (`server:/directory`) and SMB (`//server/share`) name it; undefined for others. */
function serverOf(path: string, mounts: readonly MountInfo[]): string | undefined {
  return /^(\/\/[^/]+|.+?:(?=\/))/.exec(mountOf(path, mounts)?.source ?? '')?.[0];
}

function hangs(path: string, waitedFor: string): ShimError {
  const same = path === waitedFor ? 'it' : `${waitedFor}, on the same server,`;
  return new ShimError(
    'Unavailable',
    `${path} cannot be looked at: ${same} has not answered for ${PATIENCE_MS / 1000} s, as on a mount whose server is ` +
      `dead. Bring the server back, or end the mount with umount -f; it is tried again then`,
  );
}
