import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { removeFile, unwritable, writeAtomically } from '../../../src/store/atomic-file';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();

const modeOf = (path: string): number => statSync(path).mode & 0o777;

it('makes a file, and its directories, for root alone', async () => {
  await writeAtomically(root.path('a', 'b', 'file'), 'text ä');
  expect(readFileSync(root.path('a', 'b', 'file'), 'utf8')).toBe('text ä');
  expect([root.path('a'), root.path('a', 'b'), root.path('a', 'b', 'file')].map(modeOf)).toEqual([0o700, 0o700, 0o600]);
});

it('replaces a file, whatever its mode was, and leaves nothing beside it', async () => {
  writeFileSync(root.path('file'), 'a longer text before', { mode: 0o644 });
  await writeAtomically(root.path('file'), 'after');
  expect(readFileSync(root.path('file'), 'utf8')).toBe('after');
  expect(modeOf(root.path('file'))).toBe(0o600);
  expect(readdirSync(root.path())).toEqual(['file']);
});

it('leaves the old file, and nothing beside it, when it cannot be replaced', async () => {
  mkdirSync(root.path('taken', 'full'), { recursive: true });
  await expect(writeAtomically(root.path('taken'), 'text')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(readdirSync(root.path())).toEqual(['taken']);
});

it('says which file cannot be written, and why', async () => {
  await expect(writeAtomically('/dev/null/file', 'text')).rejects.toMatchObject({
    kind: 'Internal',
    message: expect.stringMatching(/^cannot write \/dev\/null\/file: .*(EEXIST|ENOTDIR)/) as string,
  });
});

it.each(['ENOSPC', 'EDQUOT'])('%s is a want of space', (code) => {
  expect(unwritable('/file', Object.assign(new Error(code), { code })).kind).toBe('ResourceExhausted');
});

it('shows readers one text or the other, never a part', async () => {
  const texts = ['a', 'b'].map((letter) => letter.repeat(100_000));
  await writeAtomically(root.path('file'), texts[0] ?? '');
  let writing = true;
  const writer = (async () => {
    for (let round = 0; round < 10; round += 1) await writeAtomically(root.path('file'), texts[round % 2] ?? '');
    writing = false;
  })();
  while (writing) {
    expect(texts).toContain(readFileSync(root.path('file'), 'utf8'));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await writer;
});

it('writers of one file do not disturb each other', async () => {
  const texts = ['one', 'two', 'three', 'four'];
  await Promise.all(texts.map((text) => writeAtomically(root.path('file'), text)));
  expect(texts).toContain(readFileSync(root.path('file'), 'utf8'));
  expect(readdirSync(root.path())).toEqual(['file']);
});

it('removes a file, also one that is not there', async () => {
  writeFileSync(root.path('file'), '');
  await removeFile(root.path('file'));
  await removeFile(root.path('file'));
  expect(readdirSync(root.path())).toEqual([]);
});

it('says when something cannot be removed', async () => {
  mkdirSync(root.path('directory'));
  await expect(removeFile(root.path('directory'))).rejects.toThrow(/EISDIR|EPERM/);
});
