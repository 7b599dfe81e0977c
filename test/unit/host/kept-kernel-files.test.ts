import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeptKernelFiles } from '../../../src/host/kept-kernel-files';

let directory: string;
let files: KeptKernelFiles;

beforeEach(() => {
  jest.useFakeTimers();
  directory = mkdtempSync(join(tmpdir(), 'dockershim-kept-'));
  files = new KeptKernelFiles(3);
});

afterEach(() => {
  files.closeAll();
  jest.useRealTimers();
  rmSync(directory, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

/** The files of the directory that this process has open. */
function open(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(directory) ? [path] : [];
    } catch {
      return [];
    }
  });
}

test('each read tells what is in the file now', () => {
  const path = file('memory.stat', 'one\n');
  expect(files.read(path)).toBe('one\n');
  writeFileSync(path, 'twenty\n');
  expect(files.read(path)).toBe('twenty\n');
  expect(open()).toEqual([path]);
});

test.each([8191, 8192, 8193, 30_000])('a file of %d bytes is read whole', (length) => {
  const text = 'x'.repeat(length);
  const path = file('memory.stat', text);
  expect(files.read(path)).toBe(text);
  expect(files.read(path)).toBe(text);
});

test('a file that is not there is looked for each time', () => {
  const path = join(directory, 'pids.current');
  expect(files.read(path)).toBeUndefined();
  file('pids.current', '7');
  expect(files.read(path)).toBe('7');
});

test('no more than so many stay open, and the others are read all the same', () => {
  const paths = ['a', 'b', 'c', 'd', 'e'].map((name) => file(name, name));
  for (let round = 0; round < 2; round += 1) {
    expect(paths.map((path) => files.read(path))).toEqual(['a', 'b', 'c', 'd', 'e']);
  }
  expect(open()).toHaveLength(3);
});

test('what nobody reads any more is closed, what is read stays open', () => {
  const [read = '', idle = ''] = [file('read', '1'), file('idle', '2')];
  files.read(idle);
  for (let minute = 0; minute < 3; minute += 1) {
    files.read(read);
    jest.advanceTimersByTime(60_000);
  }
  expect(open()).toEqual([read]);
  jest.advanceTimersByTime(120_000);
  expect(open()).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
});

test('the file of a process that has ended says nothing, or tells of the next one', async () => {
  jest.useRealTimers();
  const { spawn } = await import('node:child_process');
  const child = spawn('sleep', ['60']);
  const path = `/proc/${child.pid}/stat`;
  expect(files.read(path)).toContain('(sleep)');
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  expect(files.read(path)).toBeUndefined();
  expect(files.size).toBe(0);
});
