import { symlinkSync, writeFileSync } from 'node:fs';
import { isThere } from '../../../src/host/is-there';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();

it('sees a link that leads nowhere, and nothing where nothing is', async () => {
  symlinkSync('nowhere', root.path('link'));
  writeFileSync(root.path('file'), '');
  expect(await isThere(root.path('link'))).toBe(true);
  expect(await isThere(root.path('nothing'))).toBe(false);
  expect(await isThere(root.path('file', 'below'))).toBe(false);
});

it('does not say that nothing is where it cannot look', async () => {
  symlinkSync('loop', root.path('loop'));
  await expect(isThere(root.path('loop', 'below'))).rejects.toMatchObject({ code: 'ELOOP' });
});
