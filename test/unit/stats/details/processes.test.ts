import { once } from 'node:events';
import fs, { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { countProcesses } from '../../../../src/stats/details/processes';
import { aCall } from '../../../support/a-call';
import { cgroupWith } from '../../../support/cgroup-files';

const { ctx } = aCall();
const OWN = `${process.pid}\n`;
const NOBODY = '4194305\n';
let directory: string;

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

/** While many descriptors are open: more than are read at once. */
async function withMany<T>(work: () => Promise<T>): Promise<T> {
  const opened = Array.from({ length: 1000 }, () => openSync('/dev/null', 'r'));
  try {
    return await work();
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let [turns, isDone] = [0, false];
  const turn = () => {
    turns += 1;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  await work;
  isDone = true;
  return turns;
}

test('counts what the processes have open, sockets apart', async () => {
  directory = cgroupWith({ 'cgroup.procs': OWN });
  const before = await countProcesses(ctx, directory);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');

  const after = await countProcesses(ctx, directory);
  server.close();

  expect(before.processes).toBe(1n);
  expect(after.descriptors).toBeGreaterThan(BigInt(readdirSync('/proc/self/fd').length - 5));
  expect(after.sockets).toBe(before.sockets + 1n);
});

test('counts those of the cgroups below too, and nothing of who has ended', async () => {
  directory = cgroupWith({ 'cgroup.procs': NOBODY, 'init.scope/cgroup.procs': OWN, 'a/b/cgroup.procs': OWN });

  const { processes, descriptors } = await countProcesses(ctx, directory);

  expect(processes).toBe(3n);
  expect(descriptors).toBeGreaterThan(0n);
});

test('finds nothing in a cgroup that is gone', async () => {
  directory = cgroupWith({});
  mkdirSync(`${directory}/empty`);
  writeFileSync(`${directory}/file`, '');

  expect(await countProcesses(ctx, `${directory}/gone`)).toEqual({ processes: 0n, descriptors: 0n, sockets: 0n });
});

test('counts all of a process that has many, sockets apart', async () => {
  directory = cgroupWith({ 'cgroup.procs': OWN });
  const few = await countProcesses(ctx, directory);

  const many = await withMany(() => countProcesses(ctx, directory));

  // A directory that is read in pieces is open itself meanwhile.
  expect(Number(many.descriptors - few.descriptors) - 1000).toBeLessThanOrEqual(1);
  expect(many.descriptors - few.descriptors).toBeGreaterThanOrEqual(1000n);
  expect(many.sockets).toBe(few.sockets);
});

test('reads nothing beyond as many as it looks at', async () => {
  directory = cgroupWith({ 'cgroup.procs': OWN.repeat(3) });
  const whole = jest.spyOn(fs, 'readdirSync');
  const pieces = jest.spyOn(fs, 'opendirSync');
  const entries = jest.spyOn(fs.Dir.prototype, 'readSync');

  const counts = await withMany(() => countProcesses(ctx, directory, 300));

  expect(counts).toMatchObject({ processes: 3n, descriptors: 300n });
  expect(whole).not.toHaveBeenCalled();
  expect(pieces).toHaveBeenCalledTimes(1);
  expect(entries).toHaveBeenCalledTimes(300);
});

test('lets others have their turn among processes without descriptors', async () => {
  directory = cgroupWith({ 'cgroup.procs': NOBODY.repeat(1000) });

  expect(await turnsDuring(countProcesses(ctx, directory))).toBeGreaterThan(20);
});

test('ends with its context among processes without descriptors', async () => {
  directory = cgroupWith({ 'cgroup.procs': NOBODY.repeat(1000) });
  const call = aCall();

  const counting = countProcesses(call.ctx, directory);
  call.cancel();

  await expect(counting).rejects.toBe(call.reason);
});
