import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceManager } from '../../../src/host/service-manager';
import { keptLog, type LogLine } from '../../support/cri-server-under-test';

let directory: string;
let env: NodeJS.ProcessEnv;
let log: LogLine[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'notify-'));
  log = [];
  env = { PATH: `${directory}:/usr/bin:/bin`, NOTIFY_SOCKET: '/run/none', TOLD: join(directory, 'told') };
  writeFileSync(join(directory, 'systemd-notify'), '#!/bin/sh\necho "$@" >> "$TOLD"\n');
  chmodSync(join(directory, 'systemd-notify'), 0o755);
});

afterEach(() => rmSync(directory, { recursive: true }));

const manager = (): ServiceManager => new ServiceManager(env, keptLog(log));
const told = (): string[] => readFileSync(join(directory, 'told'), 'utf8').trim().split('\n');

it('tells when the service is up, and when it ends', async () => {
  const systemd = manager();
  await systemd.ready();
  await systemd.stopping();

  expect(told()).toEqual([`--ready MAINPID=${process.pid}`, 'STOPPING=1']);
});

it('says nothing to nobody', async () => {
  delete env['NOTIFY_SOCKET'];
  const systemd = manager();
  await systemd.ready();

  expect(() => told()).toThrow(/ENOENT/);
});

it('gives signs of life while the service is healthy, and none when it is not', async () => {
  env['WATCHDOG_USEC'] = '30000';
  const systemd = manager();
  let asked = 0;
  let unhealthy: () => void = () => undefined;
  const failed = new Promise<void>((resolve) => (unhealthy = resolve));
  systemd.watch(() => {
    asked += 1;
    if (asked === 1) return Promise.resolve();
    unhealthy();
    return Promise.reject(new Error('it hangs'));
  });
  await failed;
  await systemd.stopping();

  expect(told().filter((words) => words === 'WATCHDOG=1')).toHaveLength(1);
  expect(log.at(-1)).toMatchObject({ level: 'error', message: 'the shim does not answer: systemd will start it anew' });
});

it('goes on when no process can be started, whatever the system calls that', async () => {
  // E2BIG is thrown, where EAGAIN and a few more are told.
  env['MUCH'] = 'x'.repeat(4 * 1024 * 1024);
  await manager().ready();

  expect(log).toMatchObject([{ fields: { error: expect.stringContaining('E2BIG') as string } }]);
});

it('gives a sign of life again soon when there was no process left for it', async () => {
  rmSync(join(directory, 'systemd-notify'));
  env['PATH'] = directory;
  env['WATCHDOG_USEC'] = '90000000';
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  try {
    const systemd = manager();
    systemd.watch(() => Promise.resolve());
    jest.advanceTimersByTime(30_000);
    while (log.length < 1) await turn();
    await turn();
    jest.advanceTimersByTime(5_000);
    while (log.length < 2) await turn();
    await systemd.stopping();
  } finally {
    jest.useRealTimers();
  }
});

it('goes on without a manager that can be told', async () => {
  rmSync(join(directory, 'systemd-notify'));
  env['PATH'] = directory;
  await manager().ready();

  expect(log).toMatchObject([{ level: 'warn', message: 'systemd could not be told' }]);
});
