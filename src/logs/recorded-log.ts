import type { FileHandle } from 'node:fs/promises';
import type { Log } from '../lib/log';
import { writeRecord, type LogOffset, type LogOffsets, type LogRecord } from '../store/log-offsets';
import { CriLogFile, locate } from './cri-log-file';
import type { OutputSource } from './output-source';

/** The most that is written before it is recorded, in bytes; after a crash that much is compared with the file. */
const RECORD_EVERY = 4 * 1024 * 1024;

export interface RecordedLogParts {
  readonly containerId: string;
  readonly logPath: string;
  readonly offsets: LogOffsets;
  readonly log: Log;
}

/**
 * A container's CRI log, and the record of how far it has been written: (position in the source, file, its size).
 *
 * INVARIANT: a file is written to only after a record names it. So what a crash leaves is always this: the recorded file,
 * wherever a kubelet has renamed it to, and behind its recorded size what the source gives from the recorded position
 * on. That is read again, compared, and not written twice.
 */
export class RecordedLog {
  private recordFile: FileHandle | undefined;
  private file: CriLogFile | undefined;
  /** The file's size. */
  private size = 0;
  /** Where in the file the source's next lines belong; before its end they are there already. */
  private at = 0;
  /** Bytes that the record is behind. */
  private unrecorded = 0;

  /** @param reached how far the source's lines are in the file. It was recorded so some time ago */
  constructor(
    private readonly parts: RecordedLogParts,
    private readonly source: Pick<OutputSource, 'seek' | 'position'>,
    private reached: LogRecord,
  ) {}

  get isOpen(): boolean {
    return this.file !== undefined;
  }

  /** Whether what the source gives next is in the file already, from before a crash. */
  get isAhead(): boolean {
    return this.at < this.size;
  }

  /**
   * Opens the recorded file where it is now, or the one at the path when it is gone, and takes the source to where it
   * ends. `renamed`: it is not at the path, for nobody asked for another, or the one who did was not answered. `gone`:
   * there is no place for a log any more, as its pod's directory has been removed, and the record is removed too.
   */
  async open(): Promise<'open' | 'renamed' | 'gone'> {
    const { logPath, offsets, containerId } = this.parts;
    this.recordFile ??= await offsets.open(containerId);
    const { recorded, path } = await this.find();
    const file = await this.openAt(path ?? logPath);
    if (file === undefined) return 'gone';
    if (path !== undefined && file.inode !== recorded.file.inode) {
      // A kubelet has renamed it since it was found, and this is the next file.
      await file.close();
      return await this.open();
    }
    this.file = file;
    this.size = (await file.state()).size;
    const isIt = file.inode === recorded.file.inode && this.size >= recorded.file.size;
    this.at = isIt ? recorded.file.size : this.size;
    await this.source.seek(recorded.position);
    if (isIt) this.reached = this.here(file);
    else await this.save(this.here(file));
    return path !== undefined && path !== logPath ? 'renamed' : 'open';
  }

  /**
   * Appends lines that the source has just given, and answers how many bytes of them were not in the file already.
   * @param spare as large as they are, for what is in the file
   */
  async append(lines: Buffer, spare: Buffer): Promise<number> {
    const { file } = this;
    if (file === undefined) return 0;
    const known = await this.knownOf(file, lines, spare);
    const added = lines.length - known;
    if (added > 0) {
      await file.append(lines.subarray(known));
      this.at = this.size += added;
    }
    await this.reach(file, lines.length);
    return added;
  }

  /** Goes on in the file at the path, when a kubelet has renamed the old one. */
  async turnToPath(): Promise<void> {
    const { file: old } = this;
    if (old === undefined) return;
    // What is there and was not met in the source is behind it.
    this.at = this.size;
    const next = await CriLogFile.open(this.parts.logPath);
    if (next.inode === old.inode) return await next.close();
    this.file = next;
    const { position, file } = this.here(old);
    await old.close();
    this.at = this.size = (await next.state()).size;
    await this.save({ ...this.here(next), before: { position, file } });
  }

  /**
   * A kubelet that got no answer to its ReopenContainerLog renames the log back, over the new one. What went there is
   * gone, and has to be written again.
   */
  async wasReplaced(): Promise<boolean> {
    if (this.reached.before === undefined || this.file === undefined) return false;
    return (await this.file.state()).unlinked && (await this.placeOf(this.reached.before)) !== undefined;
  }

  /** Closes the file; `open` goes on from what is recorded. */
  async letGo(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    await file?.close();
  }

  /** Records how far it is, or forgets it with a container that is gone; closes what is open. */
  async close(isGone: boolean): Promise<void> {
    try {
      if (isGone) await this.parts.offsets.remove(this.parts.containerId);
      else if (this.file !== undefined) await this.save(this.reached);
    } finally {
      await this.letGo().finally(() => this.recordFile?.close());
    }
  }

  /** What to go on from, and where its file is now. A new file that is gone gives way to the one before it. */
  private async find(): Promise<{ recorded: LogOffset; path: string | undefined }> {
    const path = await this.placeOf(this.reached);
    const { before } = this.reached;
    if (path !== undefined || before === undefined) return { recorded: this.reached, path };
    const older = await this.placeOf(before);
    return older === undefined ? { recorded: this.reached, path } : { recorded: before, path: older };
  }

  private placeOf({ file }: LogOffset): Promise<string | undefined> {
    return locate(this.parts.logPath, file.inode);
  }

  private async openAt(path: string): Promise<CriLogFile | undefined> {
    try {
      return await CriLogFile.open(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await this.parts.offsets.remove(this.parts.containerId);
      return undefined;
    }
  }

  /** How many of these bytes are in the file already, from before a crash. */
  private async knownOf(file: CriLogFile, lines: Buffer, spare: Buffer): Promise<number> {
    const wanted = Math.min(this.size - this.at, lines.length);
    if (wanted === 0) return 0;
    const there = await file.read(spare, wanted, this.at);
    this.at += wanted;
    if (there === wanted && lines.compare(spare, 0, wanted, 0, wanted) === 0) return wanted;
    this.parts.log.warn('what is at the end of a log is not what was written to it', { log: this.parts.logPath });
    this.at = this.size;
    return 0;
  }

  /** The source's position, and where its next lines belong. */
  private here({ inode }: CriLogFile): LogRecord {
    return { position: this.source.position, file: { inode, size: this.at }, before: this.reached.before };
  }

  /**
   * The record moves on with the place that the position counts from: Docker may remove a file of the spool that was read
   * to its end. Where the engine is asked, that place moves on about once a second.
   */
  private async reach(file: CriLogFile, length: number): Promise<void> {
    const last = this.reached.position;
    this.reached = this.here(file);
    this.unrecorded += length;
    const isElsewhere = this.reached.position?.at !== last?.at;
    if (isElsewhere || this.unrecorded >= RECORD_EVERY) await this.save(this.reached);
  }

  private async save(record: LogRecord): Promise<void> {
    if (this.recordFile !== undefined) await writeRecord(this.recordFile, record);
    this.reached = record;
    this.unrecorded = 0;
  }
}
