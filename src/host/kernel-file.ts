import { closeSync, openSync, readSync } from 'node:fs';

/** Holds nearly every file of the kernel whole, and three fit into what Node allocates for its pool of buffers. */
const CHUNK_BYTES = 2700;
/** A process ends before its directory goes, or after. */
const ENDED: readonly unknown[] = ['ENOENT', 'ESRCH'];

/**
 * The text of a file that the kernel makes up as it is read, from cgroupfs or /proc; undefined when it is not there, its
 * process or cgroup has ended, or the kernel was told not to account it. Read synchronously: it touches no disk, and
 * takes a tenth of the time that a trip through the thread pool does. Callers with many yield in between.
 */
export function readKernelFile(path: string): string | undefined {
  try {
    return read(path);
  } catch {
    return undefined;
  }
}

/**
 * The same of a file below /proc/PID; undefined when its process has ended, and only then.
 * @throws the error of the system otherwise, such as EMFILE
 */
export function readProcessFile(path: string): string | undefined {
  try {
    return read(path);
  } catch (error) {
    if (tellsOfAnEnd(error)) return undefined;
    throw error;
  }
}

/** Whether a file below /proc/PID could not be opened, read or written because its process has ended. */
export function tellsOfAnEnd(error: unknown): boolean {
  return ENDED.includes((error as NodeJS.ErrnoException).code);
}

function read(path: string): string {
  const file = openSync(path, 'r');
  try {
    return readToEnd(file);
  } finally {
    closeSync(file);
  }
}

/** Its size is not known before: stat says zero, and only a read that brings nothing is the end. */
function readToEnd(file: number): string {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let [text, filled] = ['', 0];
  for (;;) {
    const length = readSync(file, chunk, filled, CHUNK_BYTES - filled, null);
    filled += length;
    if (length > 0 && filled < CHUNK_BYTES) continue;
    text += chunk.toString('latin1', 0, filled);
    if (length === 0) return text;
    filled = 0;
  }
}
