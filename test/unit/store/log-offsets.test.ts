import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { LogOffsets, writeRecord, type LogRecord } from '../../../src/store/log-offsets';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();
const ID = 'c'.repeat(64);
const subject = { logPath: '/var/log/pods/é/0.log', spoolPath: '/var/lib/docker/c-json.log', tty: false };
const begun: LogRecord = { position: undefined, file: { inode: '12', size: 0 } };
/** As long as one can be. */
const offset = {
  position: { at: '2026-01-02T03:04:05.123456789+14:00', offset: Number.MAX_SAFE_INTEGER },
  file: { inode: '18446744073709551615', size: Number.MAX_SAFE_INTEGER },
};

const offsets = () => new LogOffsets(root.path('logs'));

it('reads what was written last', async () => {
  await offsets().create(ID, subject, begun);
  expect(await offsets().read(ID)).toEqual({ subject, record: begun });

  const record = { ...offset, before: offset };
  const file = await offsets().open(ID);
  await writeRecord(file, record);
  await file.close();

  expect(await offsets().read(ID)).toEqual({ subject, record });
  expect(await offsets().ids()).toEqual([ID]);
});

it('a record stays within one page', async () => {
  await offsets().create(ID, subject, { ...offset, before: offset });
  const text = readFileSync(root.path('logs', ID), 'latin1');
  expect(text.indexOf('\n')).toBe(1023);
});

it('is root’s alone', async () => {
  await offsets().create(ID, subject, begun);
  expect(statSync(root.path('logs')).mode & 0o777).toBe(0o700);
  expect(statSync(root.path('logs', ID)).mode & 0o777).toBe(0o600);
});

it('has nothing of a container whose file was cut off, or that was removed', async () => {
  expect(await offsets().ids()).toEqual([]);
  await offsets().create(ID, subject, begun);
  for (const length of [0, 500, 1024, 1030]) {
    writeFileSync(root.path('logs', 'cut'), readFileSync(root.path('logs', ID)).subarray(0, length));
    expect(await offsets().read('cut')).toBeUndefined();
  }
  await offsets().remove(ID);
  await offsets().remove(ID);
  expect(await offsets().read(ID)).toBeUndefined();
});
