import { readdirSync, readFileSync, readlinkSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { silentLog } from '../../../src/lib/log';
import { RecordedLog } from '../../../src/logs/recorded-log';
import { LogOffsets, type OutputPosition } from '../../../src/store/log-offsets';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();
const SPARE = Buffer.alloc(64);

/** A source that gives what the test appends. */
class Source {
  position: OutputPosition | undefined;

  seek(position: OutputPosition | undefined): Promise<void> {
    this.position = position;
    return Promise.resolve();
  }
}

let source: Source;
let path: string;

beforeEach(() => {
  source = new Source();
  path = root.path('0.log');
  writeFileSync(path, '');
});

async function aLog(offsets = new LogOffsets(root.path('offsets'))): Promise<RecordedLog> {
  const file = { inode: String(statSync(path, { bigint: true }).ino), size: 0 };
  const record = { position: undefined, file };
  const subject = { logPath: path, spoolPath: undefined, tty: false };
  await new LogOffsets(root.path('offsets')).create('c', subject, record);
  const log = new RecordedLog({ containerId: 'c', logPath: path, offsets, log: silentLog }, source, record);
  await log.open();
  return log;
}

async function append(log: RecordedLog, lines: string, at: string, offset: number): Promise<number> {
  source.position = { at, offset };
  return await log.append(Buffer.from(lines), SPARE);
}

const recorded = () => JSON.parse(readFileSync(root.path('offsets', 'c'), 'utf8').slice(0, 1024)) as unknown;
/** The log and the record. */
const openFiles = () => readdirSync('/proc/self/fd').filter((fd) => isOpenAt(`/proc/self/fd/${fd}`)).length;

function isOpenAt(descriptor: string): boolean {
  try {
    return readlinkSync(descriptor).startsWith(root.path());
  } catch {
    return false;
  }
}

it('is recorded when the source goes on in another place', async () => {
  const log = await aLog();
  await append(log, 'one\n', 'first file', 10);
  await append(log, 'two\n', 'first file', 20);
  expect(recorded()).toMatchObject({ position: { at: 'first file', offset: 10 }, file: { size: 4 } });
  await append(log, 'three\n', 'second file', 10);
  expect(recorded()).toMatchObject({ position: { at: 'second file', offset: 10 }, file: { size: 14 } });
  await log.close(true);
});

it('goes on after a failure from where it was, not from where it was recorded', async () => {
  const log = await aLog();
  await append(log, 'one\n', 'file', 10);
  await append(log, 'two\n', 'file', 20);
  // A part of what came next was written.
  writeFileSync(path, 'thr', { flag: 'a' });
  await log.letGo();
  await log.open();

  expect(source.position).toEqual({ at: 'file', offset: 20 });
  expect(await append(log, 'three\n', 'file', 30)).toBe(3);
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n');
  await log.close(true);
});

it('goes on in the recorded file when a kubelet renames it just then', async () => {
  const log = await aLog();
  let text = '';
  for (let round = 0; round < 200; round += 1) {
    await log.letGo();
    const opened = log.open();
    for (let turn = 0; turn < round % 10; turn += 1) await setImmediate();
    renameSync(path, `${path}.1`);
    await opened;
    await append(log, 'line\n', 'file', round);
    expect(readFileSync(`${path}.1`, 'utf8')).toBe((text += 'line\n'));
    renameSync(`${path}.1`, path);
  }
  await log.close(true);
});

describe('leaves no file open', () => {
  it('when the source cannot be read', async () => {
    const log = await aLog();
    await log.letGo();
    source.seek = () => Promise.reject(new Error('EIO'));
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(log.open()).rejects.toThrow('EIO');
      await log.letGo();
    }
    await log.close(true);

    expect(openFiles()).toBe(0);
  });

  it('when its end cannot be recorded', async () => {
    class BrokenOffsets extends LogOffsets {
      override remove() {
        return Promise.reject(new Error('EIO'));
      }
    }
    const log = await aLog(new BrokenOffsets(root.path('offsets')));
    await expect(log.close(true)).rejects.toThrow('EIO');

    expect(openFiles()).toBe(0);
  });

  it('when the record cannot be written', async () => {
    class ReadOnlyOffsets extends LogOffsets {
      override open(containerId: string) {
        return open(root.path('offsets', containerId), 'r');
      }
    }
    const log = await aLog(new ReadOnlyOffsets(root.path('offsets')));
    renameSync(path, `${path}.1`);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(log.turnToPath()).rejects.toThrow('EBADF');
      await log.letGo();
      expect(await log.open()).toBe('renamed');
    }
    await log.close(true);

    expect(openFiles()).toBe(0);
  });
});
