import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { StandingRefusal } from '../../../src/lib/errors';
import { silentLog, type Log } from '../../../src/lib/log';
import { ContainerLogs } from '../../../src/logs/container-logs';
import type { LogsEngine } from '../../../src/logs/engine-question';
import { LogOffsets } from '../../../src/store/log-offsets';
import { aCall } from '../../support/a-call';
import { anEntry, jsonOf, JsonFileLog, lineOf } from '../../support/json-file-log';
import { temporaryDirectory } from '../../support/temporary-directory';
import { until } from '../../support/until';

const ID = 'c'.repeat(64);
const root = temporaryDirectory();

let docker: JsonFileLog;
let logs: ContainerLogs;

beforeEach(() => {
  docker = new JsonFileLog(root.path('docker', 'containers', ID, `${ID}-json.log`), 2);
  start();
});

afterEach(() => logs.stop());

function start(log: Log = silentLog): void {
  logs = new ContainerLogs({
    engine: { followLogs: () => Promise.resolve(new PassThrough()) } as unknown as LogsEngine,
    offsets: new LogOffsets(root.path('offsets')),
    format: 'cri',
    log,
  });
  logs.start();
}

const toLog = () => {
  const output = { containerId: ID, tty: false, logDriver: 'json-file' };
  return { ...output, logPath: root.path('0.log'), dockerRootDirectory: root.path('docker') };
};
const begin = () => logs.begin(toLog(), aCall().ctx);
const drained = () => logs.drained(ID, aCall().ctx);
const written = () => readFileSync(root.path('0.log'), 'utf8');

it('is followed once, however many begin it at the same time', async () => {
  await Promise.all([begin(), begin(), begin()]);
  expect(logs.following).toBe(1);
  docker.write(jsonOf(anEntry(1)) + jsonOf(anEntry(2)));
  await drained();

  expect(written()).toBe(lineOf(anEntry(1)) + lineOf(anEntry(2)));
  expect(logs.following).toBe(0);
});

describe('of a container that somebody starts again', () => {
  const lines = [1, 2, 3].map((number) => lineOf(anEntry(number))).join('');

  beforeEach(async () => {
    await begin();
    docker.write(jsonOf(anEntry(1)));
    await drained();
    docker.write(jsonOf(anEntry(2)));
  });

  it('goes on from the end of the last run', async () => {
    await logs.onRun(ID, false);
    docker.write(jsonOf(anEntry(3)));
    await drained();
    expect(written()).toBe(lines);
  });

  it('has the output of a run that is over already', async () => {
    docker.write(jsonOf(anEntry(3)));
    await logs.onRun(ID, true);
    await drained();
    expect(written()).toBe(lines);
    expect(logs.following).toBe(0);
  });

  it('goes on when the shim comes back', async () => {
    await logs.stop();
    docker.write(jsonOf(anEntry(3)));
    start();
    await drained();
    expect(written()).toBe(lines);
  });

  it('is in the log to its end when the next run ends before the last one has', async () => {
    const ended = drained();
    const followed = logs.onRun(ID, false);
    docker.write(jsonOf(anEntry(3)));
    await Promise.all([ended, followed, drained()]);
    expect(written()).toBe(lines);
    expect(logs.following).toBe(0);
  });

  it('goes on once, however often that is told, and by whom', async () => {
    await Promise.all([logs.onRun(ID, false), begin(), logs.onRun(ID, false)]);
    docker.write(jsonOf(anEntry(3)));
    await drained();
    expect(written()).toBe(lines);
  });
});

it('tells how far a log is behind where that can be told: not of what Docker keeps in another way', async () => {
  const other = 'd'.repeat(64);
  await begin();
  await logs.begin({ ...toLog(), containerId: other, logDriver: 'local', logPath: root.path('1.log') }, aCall().ctx);
  expect(logs.following).toBe(2);
  expect([...(await logs.lag())]).toEqual([[ID, 0]]);
});

it('leaves no record when the container is removed by somebody else', async () => {
  await begin();
  await drained();
  expect(readdirSync(root.path('offsets'))).toEqual([ID]);
  await logs.onGone(ID);
  expect(readdirSync(root.path('offsets'))).toEqual([]);
});

it('refuses to reopen the log of a container that has none for as long as that is so, and calls it no trouble', async () => {
  await expect(logs.reopen(ID, aCall().ctx)).rejects.toBeInstanceOf(StandingRefusal);
});

it('follows nothing of a container that has no log of its own', async () => {
  await logs.onRun(ID, false);
  expect(logs.following).toBe(0);
});

describe('when Docker’s files cannot be looked at', () => {
  const containers = () => root.path('docker', 'containers');
  const aside = () => root.path('aside');
  const states: [string, () => void, () => void][] = [
    ['as its data root is not mounted', () => undefined, () => undefined],
    [
      'as the kernel answers with an error',
      () => symlinkSync('containers', containers()),
      () => unlinkSync(containers()),
    ],
  ];
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (text) => void warnings.push(text) };
  const records = () => readdirSync(root.path('offsets'));

  beforeEach(async () => {
    warnings.length = 0;
    await logs.stop();
    start(log);
    await begin();
    docker.write(jsonOf(anEntry(1)));
    await until(() => written() === lineOf(anEntry(1)));
  });

  it.each(states)('goes on once they are there again, %s', async (_, happen, pass) => {
    renameSync(containers(), aside());
    happen();
    // The next look is a minute away, or as soon as something rings.
    docker = new JsonFileLog(root.path('aside', ID, `${ID}-json.log`), 2);
    docker.write(jsonOf(anEntry(2)));
    await until(() => warnings.length > 0);
    expect(records()).toEqual([ID]);
    pass();
    renameSync(aside(), containers());
    await until(() => written() === lineOf(anEntry(1)) + lineOf(anEntry(2)));
    expect(warnings).toEqual(['a container log does not go on, trying again']);
  });

  it.each(states)('keeps the record when it comes back, and repeats no line, %s', async (_, happen, pass) => {
    await logs.stop();
    renameSync(containers(), aside());
    happen();
    start(log);
    await until(() => warnings.length > 0);
    expect(records()).toEqual([ID]);
    pass();
    renameSync(aside(), containers());
    docker.write(jsonOf(anEntry(2)));
    await drained();
    expect(written()).toBe(lineOf(anEntry(1)) + lineOf(anEntry(2)));
  });

  it('goes on with the others when one record cannot be read', async () => {
    await logs.stop();
    mkdirSync(root.path('offsets', 'a'.repeat(64)));
    docker.write(jsonOf(anEntry(2)));
    const errors: unknown[] = [];
    start({ ...silentLog, error: (_, fields) => void errors.push(fields?.container) });
    await drained();
    expect(written()).toBe(lineOf(anEntry(1)) + lineOf(anEntry(2)));
    expect(errors).toEqual(['a'.repeat(64)]);
  });

  it('leaves no record of a container that Docker says is gone', async () => {
    await logs.stop();
    renameSync(containers(), aside());
    start(log);
    await until(() => warnings.length > 0);
    await logs.onGone(ID);
    expect(records()).toEqual([]);
    expect(logs.following).toBe(0);
  });

  it('takes a container for removed whose directory alone has gone, while it is followed and at a start', async () => {
    rmSync(root.path('docker', 'containers', ID), { recursive: true });
    await until(() => records().length === 0);
    await until(() => logs.following === 0);

    mkdirSync(root.path('docker', 'containers', ID));
    await begin();
    await logs.stop();
    rmSync(root.path('docker', 'containers', ID), { recursive: true });
    start(log);
    await drained();
    expect(records()).toEqual([]);
    expect(warnings).toEqual([]);
  });
});
