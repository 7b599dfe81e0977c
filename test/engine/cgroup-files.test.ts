import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  RuntimeServiceService as Runtime,
  UpdateContainerResourcesRequest,
  type HugepageLimit,
} from '../../generated/runtime/v1/api';
import { readCgroupFiles } from '../../src/host/cgroup/container-cgroup';
import { CriClient } from '../support/cri-client';
import { EngineDoor } from '../support/engine-door';
import { docker, inspect } from '../support/engine-under-test';
import { bundleShim, ShimProcess } from '../support/shim-process';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';
import { until } from '../support/until';

/**
 * What the shim writes to cgroups is there whatever is killed and restarted. Limits of huge pages stand for all of it: both
 * versions of cgroups have them.
 */
jest.setTimeout(60_000);

const MIB = 1024n * 1024n;
const AT_CREATE = [{ pageSize: '2MB', limit: 4n * MIB }];
const LATER = [{ pageSize: '2MB', limit: 6n * MIB }];

/** Where there is no controller there is nothing to write: container-resources.test.ts has the refusals. */
const CONTROLLER_V1 = '/sys/fs/cgroup/hugetlb/cgroup.procs';
const CONTROLLERS_V2 = '/sys/fs/cgroup/cgroup.controllers';
const limited =
  existsSync(CONTROLLER_V1) || (existsSync(CONTROLLERS_V2) && readFileSync(CONTROLLERS_V2, 'utf8').includes('hugetlb'));
const whereLimited = limited ? it : it.skip;

const bundle = join(mkdtempSync(join(tmpdir(), 'dockershim-cgroup-files-')), 'dockershim.js');

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;
let door: EngineDoor;

beforeAll(async () => {
  const socket = `/tmp/dockershim-door-${process.pid}-cgroup-files.sock`;
  bundleShim(bundle);
  door = await EngineDoor.open(socket);
  shim = await ShimUnderTest.start(`--docker-endpoint=unix://${socket}`);
  pods = await TestPods.over(shim);
  pod = await pods.run();
});

afterAll(async () => {
  await shim.stop();
  await door.close();
  rmSync(join(bundle, '..'), { recursive: true });
});

const withLimits = (hugepageLimits: HugepageLimit[]) => ({ linux: { resources: { hugepageLimits } } });

async function update(containerId: string, hugepageLimits: HugepageLimit[]): Promise<void> {
  const request = UpdateContainerResourcesRequest.fromPartial({ containerId, linux: { hugepageLimits } });
  await shim.call(Runtime.updateContainerResources, request);
}

/** As the kernel has it; undefined for none. */
async function limitInForce(containerId: string): Promise<bigint | undefined> {
  const { Pid: pid } = (await inspect(containerId)).State;
  const files = ['hugetlb.2MB.max', 'hugetlb.2MB.limit_in_bytes'];
  const [text] = Object.values(readCgroupFiles({ containerId, pid }, files));
  // Of cgroup v1, no limit is the largest number of pages.
  return text === undefined || text === 'max' || BigInt(text) > 2n ** 60n ? undefined : BigInt(text);
}

async function untilInForce(id: string, limits: HugepageLimit[]): Promise<void> {
  await until(async () => (await limitInForce(id)) === limits[0]?.limit);
  expect(await reported(id)).toEqual(limits);
}

const reported = async (id: string) => (await pods.status(id)).resources?.linux?.hugepageLimits;
const restart = (id: string) => docker('restart', '--time', '0', id);

whereLimited('comes to a container whose shim was killed between its start and the writing', async () => {
  const id = await pods.create(pod, withLimits(AT_CREATE));
  await shim.restart(async () => {
    const daemon = await ShimProcess.start(bundle, shim.flags);
    const client = new CriClient(shim.socketPath);
    const start = door.hold(/^POST \S+\/start/);
    const starting = client.call(Runtime.startContainer, { containerId: id }).catch(() => undefined);
    await start.arrived;
    // From now on it can't learn of the process.
    door.refuse(/^GET \S+\/containers\/[0-9a-f]+\/json/);
    start.release();
    await until(async () => (await inspect(id)).State.Running);
    await daemon.kill();
    await starting;
    client.close();
    door.refuse();
    expect(await limitInForce(id)).toBeUndefined();
  });

  await untilInForce(id, AT_CREATE);
});

whereLimited('is also of what is reserved, where the kernel limits that', async () => {
  const id = await pods.started(pod, withLimits(AT_CREATE));
  const { Pid: pid } = (await inspect(id)).State;
  const files = ['hugetlb.2MB.rsvd.max', 'hugetlb.2MB.rsvd.limit_in_bytes'];
  const values = Object.values(readCgroupFiles({ containerId: id, pid }, files));
  expect(values.filter((value) => BigInt(value) !== AT_CREATE[0]?.limit)).toEqual([]);
  expect((await pods.status(id)).resources?.linux?.unified).toEqual({});
});

whereLimited('is told when an update alone has asked for it, also after a restart of the shim', async () => {
  const id = await pods.started(pod);
  await update(id, LATER);
  expect(await reported(id)).toEqual(LATER);

  await shim.restart();

  expect(await reported(id)).toEqual(LATER);
});

whereLimited('comes to a container that somebody has restarted', async () => {
  const id = await pods.started(pod, withLimits(AT_CREATE));
  await restart(id);
  await untilInForce(id, AT_CREATE);

  await update(id, LATER);
  await restart(id);
  await untilInForce(id, LATER);
});

whereLimited('comes to a container that somebody has restarted while there was no shim', async () => {
  const id = await pods.started(pod, withLimits(AT_CREATE));
  await update(id, LATER);

  await shim.restart(async () => void (await restart(id)));

  await untilInForce(id, LATER);
});

whereLimited('is there from the start when an update came before it', async () => {
  const id = await pods.create(pod, withLimits(AT_CREATE));
  await update(id, LATER);
  await shim.call(Runtime.startContainer, { containerId: id });
  expect(await limitInForce(id)).toBe(LATER[0]?.limit);
});

whereLimited('leaves no record when the container is removed, by whomever', async () => {
  const recorded = (id: string) => readFile(join(shim.rootDirectory, 'cgroups', id), 'utf8').catch(() => '');
  const ids = [await pods.started(pod), await pods.started(pod)];
  for (const id of ids) {
    await update(id, LATER);
    expect(await recorded(id)).not.toBe('');
  }
  const [byClient = '', whileAway = ''] = ids;
  await shim.call(Runtime.removeContainer, { containerId: byClient });
  await shim.restart(async () => void (await docker('rm', '--force', whileAway)));
  for (const id of ids) await until(async () => (await recorded(id)) === '');
});
