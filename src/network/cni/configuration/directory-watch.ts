import { watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Tells when something in a directory changes. While the directory isn't there, the nearest one above it is watched;
 * `arm` finds the right place again and is to be called after every change.
 */
export class DirectoryWatch {
  private watcher: FSWatcher | undefined;

  constructor(
    private readonly directory: string,
    private readonly onChange: () => void,
  ) {}

  arm(): void {
    const before = this.watcher;
    this.watcher = this.open(this.directory);
    before?.close();
  }

  close(): void {
    this.watcher?.close();
    this.watcher = undefined;
  }

  /** Undefined when the kernel has no watches left: the owner looks from time to time as well. */
  private open(directory: string): FSWatcher | undefined {
    try {
      const watcher = watch(directory, { persistent: false }, this.onChange);
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      return missing && dirname(directory) !== directory ? this.open(dirname(directory)) : undefined;
    }
  }
}
