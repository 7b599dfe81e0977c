import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { countProcesses } from '../../../../src/stats/details/processes';
import { aCall } from '../../../support/a-call';
import { cgroupWith } from '../../../support/cgroup-files';

const { ctx } = aCall();
const OWN = `${process.pid}\n`;
const NOBODY = '4194305\n';
let directory: string;

afterEach(() => rmSync(directory, { recursive: true }));

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
