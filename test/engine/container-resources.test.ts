import { readFile } from 'node:fs/promises';
import {
  ContainerState,
  RuntimeServiceService as Runtime,
  UpdateContainerResourcesRequest,
  type LinuxContainerResources,
} from '../../generated/runtime/v1/api';
import { lowestOomScore } from '../../src/host/oom-score';
import { inspect } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';

jest.setTimeout(60_000);

const MIB = 1024n * 1024n;

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  pod = await pods.run();
});

afterAll(() => shim.stop());

const linuxOf = (resources: Partial<LinuxContainerResources>) => ({ linux: { resources } });

function update(containerId: string, linux: Partial<LinuxContainerResources>) {
  const request = UpdateContainerResourcesRequest.fromPartial({ containerId, linux });
  return shim.call(Runtime.updateContainerResources, request);
}

const LIMITS = {
  cpuShares: 512n,
  cpuPeriod: 50_000n,
  cpuQuota: 25_000n,
  cpusetCpus: '0',
  cpusetMems: '0',
  memoryLimitInBytes: 64n * MIB,
};

describe('the resources of a container', () => {
  it('are in force, and in its status', async () => {
    const id = await pods.started(pod, linuxOf(LIMITS));

    expect((await inspect(id)).HostConfig).toMatchObject({
      CpuShares: 512,
      CpuPeriod: 50_000,
      CpuQuota: 25_000,
      CpusetCpus: '0',
      CpusetMems: '0',
      Memory: Number(64n * MIB),
      // No swap for a container that asks for none.
      MemorySwap: Number(64n * MIB),
    });
    expect((await pods.status(id)).resources?.linux).toMatchObject(LIMITS);
    expect(await pods.script(id, 'cat /proc/self/status')).toMatch(/^Cpus_allowed_list:\s+0$/m);
  });

  it('have the OOM score that it asks for, or the lowest that the host allows', async () => {
    const lowest = BigInt(await lowestOomScore());
    const high = await pods.started(pod, linuxOf({ oomScoreAdj: 500n }));
    const low = await pods.started(pod, linuxOf({ oomScoreAdj: -997n }));

    expect(await readFile(`/proc/${(await inspect(high)).State.Pid}/oom_score_adj`, 'utf8')).toBe('500\n');
    expect((await pods.status(high)).resources?.linux?.oomScoreAdj).toBe(500n);
    expect((await pods.status(low)).resources?.linux?.oomScoreAdj).toBe(lowest > -997n ? lowest : -997n);
  });

  it('that Docker can not limit are refused by name', async () => {
    const hugepageLimits = [{ pageSize: '2MB', limit: 2n * MIB }];

    await expect(pods.create(pod, linuxOf({ hugepageLimits }))).rejects.toMatchObject(
      refusal('UNIMPLEMENTED', /hugepage_limits/),
    );
    await expect(pods.create(pod, linuxOf({ unified: { 'memory.high': '1' } }))).rejects.toMatchObject(
      refusal('UNIMPLEMENTED', /unified.*memory\.high/),
    );
  });

  it('are fine with page sizes that are named with a limit of zero', async () => {
    const hugepageLimits = [{ pageSize: '2MB', limit: 0n }];

    expect(await pods.create(pod, linuxOf({ hugepageLimits }))).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('UpdateContainerResources', () => {
  it('changes what it names and leaves the rest', async () => {
    const id = await pods.started(pod, linuxOf(LIMITS));

    await update(id, { cpuShares: 256n, memoryLimitInBytes: 96n * MIB });

    expect((await inspect(id)).HostConfig).toMatchObject({
      CpuShares: 256,
      CpuQuota: 25_000,
      CpusetCpus: '0',
      Memory: Number(96n * MIB),
      MemorySwap: Number(96n * MIB),
    });
    expect((await pods.status(id)).resources?.linux).toMatchObject({
      ...LIMITS,
      cpuShares: 256n,
      memoryLimitInBytes: 96n * MIB,
    });
  });

  it('lowers what it raised', async () => {
    const id = await pods.started(pod, linuxOf(LIMITS));

    await update(id, { memoryLimitInBytes: 128n * MIB });
    await update(id, { memoryLimitInBytes: 32n * MIB, cpuQuota: 10_000n });

    expect((await pods.status(id)).resources?.linux).toMatchObject({
      memoryLimitInBytes: 32n * MIB,
      cpuQuota: 10_000n,
    });
  });

  it('changes a container that is not started yet', async () => {
    const id = await pods.create(pod, linuxOf(LIMITS));

    await update(id, { cpuShares: 300n });

    await shim.call(Runtime.startContainer, { containerId: id });
    expect((await pods.status(id)).resources?.linux?.cpuShares).toBe(300n);
  });

  it('is refused for a container that has ended', async () => {
    const { id, state } = await pods.ended(pod, { command: ['true'] });

    expect(state).toBe(ContainerState.CONTAINER_EXITED);
    await expect(update(id, { cpuShares: 300n })).rejects.toMatchObject(refusal('FAILED_PRECONDITION', /has ended/));
  });

  it('is refused for an OOM score that would change', async () => {
    const id = await pods.create(pod, linuxOf({ oomScoreAdj: 100n }));

    await expect(update(id, { oomScoreAdj: 200n })).rejects.toMatchObject(refusal('UNIMPLEMENTED', /oom_score_adj/));
    expect(await update(id, { oomScoreAdj: 100n, cpuShares: 300n })).toEqual({});
  });
});
