import { watch, type FSWatcher } from 'node:fs';
import type { Bell } from '../lib/bell';
import { messageOf } from '../lib/errors';
import type { Log } from '../lib/log';

/** More changes than this between two looks: from then on it is cheaper to look again and again. */
const MANY_CHANGES = 64;
/** Between two rings for a directory that the kernel will not watch, in milliseconds. */
const UNWATCHED_MS = 1_000;

/** Rings when something changes in a directory. */
export class DirectoryBell {
  private watcher: Pick<FSWatcher, 'close'> | undefined;
  private changes = 0;

  constructor(
    private readonly directory: string,
    private readonly bell: Bell,
    private readonly log: Log,
  ) {}

  /** Whether it rings. It stops by itself when there are very many changes between two calls of `looked`. */
  get rings(): boolean {
    return this.watcher !== undefined;
  }

  start(): void {
    this.changes = 0;
    try {
      this.watcher ??= watch(this.directory, { persistent: false }, () => this.changed()).on('error', () =>
        this.stop(),
      );
    } catch (error) {
      // The kernel allows only so many watches (fs.inotify.max_user_watches).
      this.log.warn('a log is not watched but looked at every second', { error: messageOf(error) });
      const timer = setInterval(() => this.changed(), UNWATCHED_MS).unref();
      this.watcher = { close: () => clearInterval(timer) };
    }
  }

  looked(): void {
    this.changes = 0;
  }

  stop(): void {
    this.watcher?.close();
    this.watcher = undefined;
    this.bell.ring();
  }

  private changed(): void {
    this.changes += 1;
    if (this.changes > MANY_CHANGES) this.stop();
    else this.bell.ring();
  }
}
