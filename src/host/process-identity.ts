import { readFile } from 'node:fs/promises';

/**
 * When a process started, in the kernel's clock ticks since boot, as text: with its number, what tells it from every
 * other process, also from a later one with the same number. Undefined when there is none.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'latin1');
    // proc(5): field 22; the name in field 2 may itself have blanks and parentheses.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
