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
  /** Bytes written since the record. */
  private unrecorded = 0;
  /** What is in the file behind the recorded size, and has yet to be met in the source again. */
  private ahead = { from: 0, to: 0 };

  constructor(
    private readonly parts: RecordedLogParts,
    private readonly source: Pick<OutputSource, 'seek' | 'position'>,
    private record: LogRecord,
  ) {}

  get isOpen(): boolean {
    return this.file !== undefined;
  }

  /** Whether what the source gives next is in the file already, from before a crash. */
  get isAhead(): boolean {
    return this.ahead.from < this.ahead.to;
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
    const { size } = await file.state();
    const isIt = file.inode === recorded.file.inode && size >= recorded.file.size;
    this.ahead = isIt ? { from: recorded.file.size, to: size } : { from: 0, to: 0 };
    await this.source.seek(recorded.position);
    this.file = file;
    this.unrecorded = 0;
    if (!isIt) await this.writeRecord();
    return path !== undefined && path !== logPath ? 'renamed' : 'open';
  }

  /**
   * Appends lines that the source has just given.
   * @param spare as large as they are, for what is in the file already
   */
  async append(lines: Buffer, spare: Buffer): Promise<void> {
    const { file } = this;
    if (file === undefined) return;
    const known = await this.knownOf(file, lines, spare);
    if (lines.length > known) await file.append(lines.subarray(known));
    this.unrecorded += lines.length - known;
    if (this.unrecorded >= RECORD_EVERY) await this.writeRecord();
  }

  /** Goes on in the file at the path, when a kubelet has renamed the old one. */
  async turnToPath(): Promise<void> {
    const { file: old } = this;
    const state = await old?.state();
    if (old === undefined || state === undefined) return;
    const next = await CriLogFile.open(this.parts.logPath);
    try {
      if (next.inode === old.inode) {
        await next.close();
      } else {
        const before = { position: this.source.position, file: { inode: state.inode, size: state.size } };
        const file = { inode: next.inode, size: (await next.state()).size };
        await this.save({ position: before.position, file, before });
        this.file = next;
        await old.close();
      }
    } finally {
      this.ahead = { from: 0, to: 0 };
    }
  }

  /**
   * A kubelet that got no answer to its ReopenContainerLog renames the log back, over the new one. What went there is
   * gone, and has to be written again.
   */
  async wasReplaced(): Promise<boolean> {
    if (this.record.before === undefined || this.file === undefined) return false;
    return (await this.file.state()).unlinked && (await this.placeOf(this.record.before)) !== undefined;
  }

  /** Closes the file; `open` goes on from what is recorded. */
  async letGo(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    await file?.close();
  }

  /** Records how far it is, or forgets it when all of the output is written; closes what is open. */
  async close(isComplete: boolean): Promise<void> {
    if (isComplete) await this.parts.offsets.remove(this.parts.containerId);
    else await this.writeRecord();
    await this.letGo();
    await this.recordFile?.close();
  }

  /** What to go on from, and where its file is now. A new file that is gone gives way to the one before it. */
  private async find(): Promise<{ recorded: LogOffset; path: string | undefined }> {
    const path = await this.placeOf(this.record);
    const { before } = this.record;
    if (path !== undefined || before === undefined) return { recorded: this.record, path };
    const older = await this.placeOf(before);
    return older === undefined ? { recorded: this.record, path } : { recorded: before, path: older };
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
    const wanted = Math.min(this.ahead.to - this.ahead.from, lines.length);
    if (wanted === 0) return 0;
    const there = await file.read(spare, wanted, this.ahead.from);
    this.ahead.from += wanted;
    if (there === wanted && lines.compare(spare, 0, wanted, 0, wanted) === 0) return wanted;
    this.parts.log.warn('what is at the end of a log is not what was written to it', { log: this.parts.logPath });
    this.ahead.from = this.ahead.to;
    return 0;
  }

  private async writeRecord(): Promise<void> {
    const state = await this.file?.state();
    // While the file is ahead, the position and the size do not belong together.
    if (state === undefined || this.isAhead) return;
    const file = { inode: state.inode, size: state.size };
    await this.save({ position: this.source.position, file, before: this.record.before });
  }

  private async save(record: LogRecord): Promise<void> {
    if (this.recordFile !== undefined) await writeRecord(this.recordFile, record);
    this.record = record;
    this.unrecorded = 0;
  }
}
