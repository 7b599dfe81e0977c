import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const PAGE = 'deploy/man/dockershim.8';

const run = (command: string, ...args: string[]) =>
  spawnSync(command, args, { cwd: ROOT, encoding: 'utf8', env: { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8' } });
const present = (command: string) => run(command, '--version').status === 0;

it('the man page, docs/configuration.md and docs/fields.md are what `npm run reference` makes', () => {
  expect(run(process.execPath, 'scripts/reference.mjs', '--check')).toMatchObject({ status: 0, stderr: '' });
});

(present('groff') ? it : it.skip)('groff has nothing to say against the man page', () => {
  expect(run('groff', '-man', '-ww', '-z', '-k', '-Tutf8', PAGE)).toMatchObject({ status: 0, stderr: '' });
});

(present('man') ? it : it.skip)('man shows it', () => {
  const { status, stdout } = run('man', '--warnings', '-l', PAGE);
  expect(status).toBe(0);
  // Lines are filled up with blanks.
  const text = stdout.replace(/ +/g, ' ');
  expect(text).toMatch(/^ --log-level LEVEL\n the least that is logged/m);
  expect(text).toMatch(/^ dockershim pods \[options\]$/m);
});
