import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

/** How many more files this process may open while it fills the places itself. */
const FEW = 16;

/** Runs `work` while this process can open no file: each try ends with EMFILE. */
export async function withoutFiles<T>(work: () => Promise<T>): Promise<T> {
  const [, limit = ''] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
  setLimit(String(Math.max(...readdirSync('/proc/self/fd').map(Number)) + FEW));
  const files = openAll();
  try {
    return await work();
  } finally {
    files.forEach(closeSync);
    setLimit(limit);
  }
}

/** The soft limit, which may be raised again. */
function setLimit(limit: string): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${limit}:`]);
}

function openAll(): number[] {
  const files: number[] = [];
  for (;;) {
    try {
      files.push(openSync('/dev/null', 'r'));
    } catch {
      return files;
    }
  }
}
