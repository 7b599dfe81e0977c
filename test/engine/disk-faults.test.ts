import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createApp, type App } from '../../src/app';
import { silentLog } from '../../src/lib/log';
import { CriClient } from '../support/cri-client';
import { docker, importBusybox } from '../support/engine-under-test';
import { faultBench } from '../support/fault-bench';
import { answerOf, FaultTable } from '../support/fault-table';
import { KubeletCalls } from '../support/kubelet-calls';
import { readConfig } from '../support/read-config';

/** A disk is full: one call fails with its reason and leaves nothing, and when there is space again all is as before. */
jest.setTimeout(60_000);

const DISKS = ['root', 'cri-dockerd', 'cache', 'addresses'] as const;
const IMAGE = `dockershim-test-${process.pid}-disk/busybox:1`;

let app: App;
let client: CriClient;
let pod: KubeletCalls;

afterEach(async () => {
  client.close();
  await app.stop();
  for (const disk of DISKS) execFileSync('umount', ['--lazy', bench.path(disk)]);
});

const bench = faultBench('disk');
const table = new FaultTable(bench);

beforeAll(() => importBusybox(IMAGE));

afterAll(() => docker('image', 'rm', IMAGE));

beforeEach(async () => {
  for (const disk of DISKS) {
    mkdirSync(bench.path(disk));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'dockershim-test', bench.path(disk)]);
  }
  app = await createApp(readConfig(bench.flags()), [], silentLog);
  await app.start();
  client = new CriClient(bench.path('cri.sock'));
  pod = new KubeletCalls(client, bench.namespace, IMAGE);
});

type Disk = (typeof DISKS)[number];

/** A file without data takes no space of a tmpfs, so that it can be made, and not be written, as on other disks. */
function fill(disk: Disk): void {
  expect(() => writeFileSync(bench.path(disk, '.filling'), Buffer.alloc(1024 * 1024))).toThrow('ENOSPC');
}

const free = (disk: Disk): void => rmSync(bench.path(disk, '.filling'));

it.each<[string, Disk, RegExp]>([
  ['of the journal of runs', 'root', /cannot write .*running.*no space left/],
  ['of the checkpoints', 'cri-dockerd', /cannot write .*sandbox.*no space left/],
  ['of the CNI cache', 'cache', /cannot write .*results.*no space left/],
  ["of a plugin's own", 'addresses', /the CNI plugin bridge failed at ADD.*no space left/],
])('%s: a run fails with the reason, and leaves nothing', async (what, disk, words) => {
  fill(disk);
  const answer = await answerOf(pod.run());
  expect(answer).toMatch(words);
  await table.settle(`full disk ${what}`, answer, async () => {
    expect(await bench.left()).toEqual([]);
    free(disk);
    await pod.live();
  });
});

it('a run of a pod that is complete fails, and does the pod no harm', async () => {
  const id = await pod.run();
  fill('root');
  const answer = await answerOf(pod.run());
  expect(answer).toMatch(/no space left/);
  await table.settle('full disk, and the run is repeated', answer, async () => {
    free('root');
    expect(await pod.run()).toBe(id);
    await pod.stop(id);
    await pod.remove(id);
  });
});

it('pods are stopped and removed where all disks are full', async () => {
  const id = await pod.run();
  await pod.startContainer(id);
  DISKS.forEach(fill);
  await table.settle('all disks full at the stop', await answerOf(pod.stop(id)), () => pod.remove(id));
});
