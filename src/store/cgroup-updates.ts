import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../lib/errors';
import type { Log } from '../lib/log';
import { removeFile, writeAtomically } from './atomic-file';
import { namesIn } from './present-files';

type Files = Readonly<Record<string, string>>;

/**
 * What updates have asked for of containers' cgroup files: a container's labels, which have what it was created with,
 * never change. One file a container, named by its id, until the container is removed; most nodes have none.
 * INVARIANT: in memory there is what is on the disk, once it is loaded.
 */
export class CgroupUpdates {
  private readonly known = new Map<string, Files>();

  constructor(private readonly directory: string) {}

  /** What earlier lives of the shim have recorded. A file that can't be read is logged, and as good as none. */
  async load(log: Log): Promise<void> {
    for (const id of await namesIn(this.directory)) {
      try {
        this.known.set(id, JSON.parse(await readFile(join(this.directory, id), 'utf8')) as Files);
      } catch (error) {
        log.warn('what an update has asked for is lost', { container: id, error: messageOf(error) });
      }
    }
  }

  ids(): string[] {
    return [...this.known.keys()];
  }

  /** Names of files and their values; empty when no update has asked for any. */
  of(containerId: string): Files {
    return this.known.get(containerId) ?? {};
  }

  /** Adds to what earlier updates have asked for. @throws ShimError ResourceExhausted on a full disk, otherwise Internal */
  async record(containerId: string, files: Files): Promise<void> {
    const all = { ...this.of(containerId), ...files };
    await writeAtomically(join(this.directory, containerId), JSON.stringify(all));
    this.known.set(containerId, all);
  }

  async forget(containerId: string): Promise<void> {
    if (this.known.delete(containerId)) await removeFile(join(this.directory, containerId));
  }
}
