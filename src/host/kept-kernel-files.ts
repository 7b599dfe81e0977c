import { closeSync, openSync, readSync } from 'node:fs';
import { readKernelFile } from './kernel-file';

/** Holds nearly every file of a cgroup whole. */
const CHUNK_BYTES = 8192;
/**
 * A file that was not read for so long, in milliseconds, is closed: its reader has stopped asking, or its container is
 * gone.
 */
const IDLE_MS = 60_000;

interface Kept {
  readonly file: number;
  wasRead: boolean;
}

/**
 * Keeps kernel files open that are read again and again: to find and open one takes several times as long as to read
 * it. It is for cgroup files and /proc/[pid]/stat, which keep nothing alive while they are open; an open file of a
 * network namespace would keep the namespace.
 *
 * INVARIANT: no more than `most` are open, and none for longer than two minutes after it was read last.
 */
export class KeptKernelFiles {
  private readonly kept = new Map<string, Kept>();
  private readonly chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  private sweep: NodeJS.Timeout | undefined;

  constructor(private readonly most: number) {}

  /**
   * As readKernelFile(). An open file belongs to the cgroup or process that it was opened for. When that is gone, the
   * read fails, and what is at `path` now is read instead: it may belong to the next one of that name.
   */
  read(path: string): string | undefined {
    const kept = this.kept.get(path);
    if (kept === undefined) return this.kept.size < this.most ? this.keep(path) : readKernelFile(path);
    kept.wasRead = true;
    try {
      return this.textOf(kept.file);
    } catch {
      this.close(path, kept);
      return readKernelFile(path);
    }
  }

  closeAll(): void {
    for (const [path, kept] of this.kept) this.close(path, kept);
  }

  get size(): number {
    return this.kept.size;
  }

  private keep(path: string): string | undefined {
    try {
      const kept = { file: openSync(path, 'r'), wasRead: true };
      this.kept.set(path, kept);
      this.sweep ??= setInterval(() => this.closeIdle(), IDLE_MS).unref();
      return this.textOf(kept.file);
    } catch {
      return undefined;
    }
  }

  /** The kernel writes these files in one piece, so a read that doesn't fill the chunk was the last. */
  private textOf(file: number): string {
    let [text, at] = ['', 0];
    for (;;) {
      const length = readSync(file, this.chunk, 0, CHUNK_BYTES, at);
      text += this.chunk.toString('latin1', 0, length);
      at += length;
      if (length < CHUNK_BYTES) return text;
    }
  }

  private closeIdle(): void {
    for (const [path, kept] of this.kept) {
      if (kept.wasRead) kept.wasRead = false;
      else this.close(path, kept);
    }
  }

  private close(path: string, kept: Kept): void {
    this.kept.delete(path);
    closeSync(kept.file);
    if (this.kept.size > 0) return;
    clearInterval(this.sweep);
    this.sweep = undefined;
  }
}
