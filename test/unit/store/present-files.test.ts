import { mkdirSync, writeFileSync } from 'node:fs';
import { namesIn, textIfThere } from '../../../src/store/present-files';
import { temporaryDirectory } from '../../support/temporary-directory';

const directory = temporaryDirectory();

it('reads a file that is there, and knows one that is not', async () => {
  writeFileSync(directory.path('one'), 'text');

  expect(await textIfThere(directory.path('one'))).toBe('text');
  expect(await textIfThere(directory.path('two'))).toBeUndefined();
});

it('lists a directory without what was cut off half-written', async () => {
  writeFileSync(directory.path('one'), '');
  writeFileSync(directory.path('.one.1234'), '');

  expect(await namesIn(directory.path())).toEqual(['one']);
  expect(await namesIn(directory.path('none'))).toEqual([]);
});

it('fails on what is there and cannot be read', async () => {
  mkdirSync(directory.path('one'));

  await expect(textIfThere(directory.path('one'))).rejects.toThrow('EISDIR');
});
