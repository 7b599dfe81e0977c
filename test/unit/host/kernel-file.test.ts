import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKernelFile } from '../../../src/host/kernel-file';

const directory = mkdtempSync(join(tmpdir(), 'dockershim-kernel-file-'));

afterAll(() => rmSync(directory, { recursive: true }));

test.each([0, 1, 2699, 2700, 2701, 5400, 20_000])('a file of %d bytes', (length) => {
  const text = Array.from({ length }, (_, at) => String.fromCharCode(97 + (at % 23))).join('');
  writeFileSync(join(directory, 'file'), text);

  expect(readKernelFile(join(directory, 'file'))).toBe(text);
});

test('a file that the kernel makes up', () => {
  expect(readKernelFile('/proc/self/mountinfo')).toMatch(/ \/proc /);
  expect(readKernelFile('/proc/self/stat')).toContain(`${process.pid} (`);
});

test.each(['/proc/self/no-such-file', '/proc'])('%s is nothing to read', (path) => {
  expect(readKernelFile(path)).toBeUndefined();
});
