import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { RunJournal } from '../../../src/store/run-journal';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();

it('is empty before the first run, also without a directory', async () => {
  await expect(new RunJournal(root.path('runs')).unfinished()).resolves.toEqual([]);
});

it('knows the runs that have begun and not ended, after a restart too', async () => {
  const journal = new RunJournal(root.path('runs'));
  await expect(journal.begin('a')).resolves.toEqual({ interrupted: false });
  await expect(journal.begin('b')).resolves.toEqual({ interrupted: false });
  await journal.end('a');
  await expect(new RunJournal(root.path('runs')).unfinished()).resolves.toEqual(['b']);
});

it('says of a run that begins again that it was cut off, until it ends', async () => {
  const journal = new RunJournal(root.path('runs'));
  await journal.begin('a');
  await expect(journal.begin('a')).resolves.toEqual({ interrupted: true });
  await expect(journal.begin('a')).resolves.toEqual({ interrupted: true });
  await journal.end('a');
  await expect(journal.begin('a')).resolves.toEqual({ interrupted: false });
});

it('takes an empty entry for none: its run was cut off before it had made anything', async () => {
  const journal = new RunJournal(root.path('runs'));
  await journal.begin('a');
  const [file = ''] = readdirSync(root.path('runs'));
  writeFileSync(root.path('runs', file), '');
  await expect(journal.unfinished()).resolves.toEqual([]);
  await expect(journal.begin('a')).resolves.toEqual({ interrupted: false });
  await expect(journal.unfinished()).resolves.toEqual(['a']);
});

it('takes names that are longer than a file name can be', async () => {
  const journal = new RunJournal(root.path('runs'));
  const name = `k8s_POD_${'p'.repeat(253)}_${'n'.repeat(63)}_uid_0`;
  await journal.begin(name);
  await expect(journal.unfinished()).resolves.toEqual([name]);
  await journal.end(name);
  await expect(journal.unfinished()).resolves.toEqual([]);
});

it('an end without a beginning is no error', async () => {
  await expect(new RunJournal(root.path('runs')).end('a')).resolves.toBeUndefined();
});

it('is for root alone', async () => {
  await new RunJournal(root.path('runs')).begin('a');
  expect(statSync(root.path('runs')).mode & 0o777).toBe(0o700);
  const [file = ''] = readdirSync(root.path('runs'));
  expect(statSync(root.path('runs', file)).mode & 0o777).toBe(0o600);
});

it('says when it cannot be kept', async () => {
  const journal = new RunJournal('/proc/self/status');
  await expect(journal.begin('a')).rejects.toThrow(/ENOTDIR|EEXIST/);
  await expect(journal.unfinished()).rejects.toThrow('ENOTDIR');
});
