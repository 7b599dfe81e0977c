import { dirname } from 'node:path';
import type { Bell } from '../lib/bell';
import type { Log } from '../lib/log';
import type { OutputPosition } from '../store/log-offsets';
import { DirectoryBell } from './directory-bell';
import type { OutputSource } from './output-source';
import type { RenderBuffers, BufferPool } from './render-buffers';
import { firstTime, renderJson } from './render-json';
import { openNewer, type SpoolFile } from './spool-file';
import { wasRemoved } from './was-removed';

/** How many files are held open at most while they wait to be read: Docker may have removed them. */
const MOST_HELD = 32;

/**
 * Docker's json-file log as a source: its files are read one after the other, the newest of them as it grows. A position
 * is the time in the first line of a file with that file's inode, and bytes into the file. Files' names change with every
 * rotation, an inode is soon given to the next file, and files that begin with parts of one line begin with one time.
 */
export class Spool implements OutputSource {
  position: OutputPosition | undefined;
  finished = false;
  gone = false;
  /** Oldest first: all but the last are complete. */
  private files: SpoolFile[] = [];
  private offset = 0;
  private ending = false;
  /** Whether the last read brought as much as it could: the file goes on. */
  private readFull = false;
  private readonly watch: DirectoryBell;

  constructor(
    private readonly path: string,
    private readonly buffers: BufferPool,
    bell: Bell,
    private readonly log: Log,
    /** Is called when output was lost. */
    private readonly onGap: () => void = () => undefined,
  ) {
    this.watch = new DirectoryBell(dirname(path), bell, log);
  }

  async seek(position: OutputPosition | undefined): Promise<void> {
    await this.closeFiles();
    // What is watched may be a directory that something was mounted over since.
    this.watch.stop();
    this.position = position;
    this.offset = 0;
    this.finished = false;
    this.readFull = false;
    // Files that come with a mount after this are not new ones: they are to be looked through for the position.
    await wasRemoved(this.path);
    this.files = (await openNewer(this.path, undefined)).files;
    if (position === undefined) return;
    const file = await this.find(position.at);
    if (file !== undefined) {
      while (this.files[0] !== file) await this.files.shift()?.close();
      this.offset = position.offset;
      return;
    }
    if (this.files.length > 0) this.warnOfGap();
  }

  get more(): boolean {
    return this.readFull || this.files.length > 1;
  }

  async read(buffers: RenderBuffers): Promise<number> {
    this.watch.looked();
    for (;;) {
      // The end may be told while it is read: what was written just before it is still to come then.
      const { ending } = this;
      const written = await this.readFiles(buffers);
      if (written > 0) return written;
      this.finished = ending;
      if (ending || !(await wasRemoved(this.path))) return 0;
      this.ending = this.gone = true;
    }
  }

  rings(): boolean {
    if (this.ending) return false;
    if (this.watch.rings) return true;
    this.watch.start();
    // What was written just before is to be looked for once more.
    return false;
  }

  async behind(): Promise<number> {
    const sizes = await Promise.all(this.files.map((file) => file.size()));
    const kept = sizes.reduce((sum, size) => sum + size, 0);
    return Math.max(0, kept - this.offset);
  }

  end(): void {
    this.ending = true;
  }

  async close(): Promise<void> {
    this.watch.stop();
    await this.closeFiles();
  }

  private async readFiles(buffers: RenderBuffers): Promise<number> {
    for (;;) {
      const complete = this.files.length > 1;
      const written = await this.readFile(buffers);
      if (written > 0) return written;
      if (complete) await this.nextFile();
      else if (!(await this.holdNewer())) return 0;
    }
  }

  /** Reads on in the oldest file; 0 at its end. */
  private async readFile(buffers: RenderBuffers): Promise<number> {
    const [file] = this.files;
    if (file === undefined) return 0;
    for (;;) {
      const length = await file.read(buffers.input, buffers.capacity, this.offset);
      const { consumed, written, unreadable } = renderJson(buffers, length);
      // What is rendered may be a sixth of what was read: the bytes that were read tell whether the file goes on.
      this.readFull = length === buffers.capacity;
      if (unreadable > 0) this.log.warn('lines of a log could not be read', { log: this.path, lines: unreadable });
      if (consumed === 0 && length < buffers.capacity) return 0;
      const at = this.offset === 0 ? placeOf(file, firstTime(buffers.input, length)) : this.position?.at;
      // No line of Docker's fills the buffer: such a one is passed over, and what comes after is its end.
      this.offset += consumed === 0 ? length : consumed;
      this.position = { at: at ?? '', offset: this.offset };
      await this.holdNewer();
      if (written > 0) return written;
    }
  }

  private async nextFile(): Promise<void> {
    await this.files.shift()?.close();
    this.offset = 0;
  }

  /** Opens what Docker has begun since, so that it's there when its turn comes. Answers whether there's anything new. */
  private async holdNewer(): Promise<boolean> {
    const newest = this.files.at(-1);
    if (newest !== undefined && (await newest.isAt(this.path))) return await this.startAgainIfTruncated(newest);
    if (this.files.length >= MOST_HELD) return false;
    const { files, gap } = await openNewer(this.path, newest);
    if (gap && files.length > 0) this.warnOfGap();
    this.files.push(...files);
    return files.length > 0;
  }

  /** Docker does so with a log that may have one file only. */
  private async startAgainIfTruncated(newest: SpoolFile): Promise<boolean> {
    if (this.files.length > 1 || (await newest.size()) >= this.offset) return false;
    this.warnOfGap();
    this.offset = 0;
    return true;
  }

  /**
   * The file that this place is in. Where none has its inode, as an earlier version recorded none, it is the oldest with
   * its time: lines may be repeated, and none is lost.
   */
  private async find(place: string): Promise<SpoolFile | undefined> {
    const [time = '', inode] = place.split(' ');
    const same = this.files.find((file) => String(file.inode) === inode);
    if (same !== undefined && placeOf(same, await this.timeOf(same)) === place) return same;
    if (time === '') return undefined;
    for (const file of this.files) if ((await this.timeOf(file)) === time) return file;
    return undefined;
  }

  private async timeOf(file: SpoolFile): Promise<string | undefined> {
    return await this.buffers.use(async ({ input, capacity }) => firstTime(input, await file.read(input, capacity, 0)));
  }

  private warnOfGap(): void {
    this.onGap();
    this.log.warn("docker has rotated a container's output away before it was read: lines may be lost", {
      log: this.path,
    });
  }

  private async closeFiles(): Promise<void> {
    for (const file of this.files.splice(0)) await file.close();
  }
}

/** @param time of its first line; empty for a line that is too long for any */
function placeOf(file: SpoolFile, time = ''): string {
  return `${time} ${file.inode}`;
}
