import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile } from './atomic-file';
import { namesIn, textIfThere } from './present-files';

/** A place in a container's output, in words of where the output comes from. */
export interface OutputPosition {
  readonly at: string;
  readonly offset: number;
}

/** A log file and how much of it there was. */
export interface LogFileState {
  /** A decimal number: it may be more than a number of JavaScript holds. */
  readonly inode: string;
  readonly size: number;
}

/** What has been written when a log file had a certain size: with it, no line is lost or repeated. */
export interface LogOffset {
  /** Undefined before the first line. */
  readonly position: OutputPosition | undefined;
  readonly file: LogFileState;
}

/** The last state of a container's log, and that when it was last reopened. */
export interface LogRecord extends LogOffset {
  readonly before?: LogOffset | undefined;
}

/** What never changes of a container's log. */
export interface LogSubject {
  readonly logPath: string;
  /** Docker's json-file; undefined when the output comes through the engine's API. */
  readonly spoolPath: string | undefined;
  readonly tty: boolean;
}

/**
 * The record has the file's first bytes and stays within one page, which a write changes as a whole or not at all,
 * whatever happens to the process.
 */
const RECORD_BYTES = 1024;

/**
 * How far the logs of containers have been written: one file a container, named by its id, from before its start until
 * it is removed: somebody may run it again. Without fsync: what a power cut takes away, it takes with the containers'
 * processes.
 */
export class LogOffsets {
  constructor(private readonly directory: string) {}

  async ids(): Promise<string[]> {
    return await namesIn(this.directory);
  }

  async create(containerId: string, subject: LogSubject, record: LogRecord): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const file = await open(this.pathOf(containerId), 'w', 0o600);
    try {
      await file.writeFile(recordBytes(record) + JSON.stringify(subject));
    } finally {
      await file.close();
    }
  }

  /** Undefined when there is none, or one that was cut off while it was made: its container was never started. */
  async read(containerId: string): Promise<{ subject: LogSubject; record: LogRecord } | undefined> {
    const text = await textIfThere(this.pathOf(containerId));
    if (text === undefined) return undefined;
    try {
      const subject = JSON.parse(text.slice(RECORD_BYTES)) as LogSubject;
      return { subject, record: JSON.parse(text.slice(0, RECORD_BYTES)) as LogRecord };
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /** For `writeRecord`. It must be there already. */
  async open(containerId: string): Promise<FileHandle> {
    return await open(this.pathOf(containerId), 'r+');
  }

  async remove(containerId: string): Promise<void> {
    await removeFile(this.pathOf(containerId));
  }

  private pathOf(containerId: string): string {
    return join(this.directory, containerId);
  }
}

export async function writeRecord(file: FileHandle, record: LogRecord): Promise<void> {
  await file.write(recordBytes(record), 0);
}

/** Numbers, a time and an inode, twice: they are much shorter than the space for them. */
function recordBytes(record: LogRecord): string {
  return `${JSON.stringify(record).padEnd(RECORD_BYTES - 1)}\n`;
}
