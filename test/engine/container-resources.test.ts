import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import {
  ContainerState,
  RuntimeServiceService as Runtime,
  UpdateContainerResourcesRequest,
  UpdatePodSandboxResourcesRequest,
  type LinuxContainerResources,
} from '../../generated/runtime/v1/api';
import { cgroupPath } from '../../src/host/cgroup/container-cgroup';
import { limitedHugepageSizes } from '../../src/host/cgroup/hugepages';
import { docker, inspect } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';
import { until } from '../support/until';

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
    const high = await pods.started(pod, linuxOf({ oomScoreAdj: 500n }));
    const low = await pods.started(pod, linuxOf({ oomScoreAdj: -997n }));

    expect(await readFile(`/proc/${(await inspect(high)).State.Pid}/oom_score_adj`, 'utf8')).toBe('500\n');
    expect((await pods.status(high)).resources?.linux?.oomScoreAdj).toBe(500n);
    expect((await pods.status(low)).resources?.linux?.oomScoreAdj).toBe(await kernelLets('-997'));
  });

  it('can have swap', async () => {
    const swap = { memoryLimitInBytes: 64n * MIB, memorySwapLimitInBytes: 80n * MIB };
    if ((await docker('info', '--format', '{{.SwapLimit}}')) === 'true') {
      const id = await pods.started(pod, linuxOf(swap));
      await update(id, { memoryLimitInBytes: 32n * MIB });
      // As much swap as before.
      expect((await pods.status(id)).resources?.linux).toMatchObject({
        memoryLimitInBytes: 32n * MIB,
        memorySwapLimitInBytes: 48n * MIB,
      });
    } else {
      await expect(pods.create(pod, linuxOf(swap))).rejects.toMatchObject(
        refusal('UNIMPLEMENTED', /memory_swap_limit_in_bytes: .*does not account swap/),
      );
    }
  });

  it('have swap without a limit when an update lifts it, and more memory after that', async () => {
    if ((await docker('info', '--format', '{{.SwapLimit}}')) !== 'true') return;
    const [alone, beside] = [await pods.started(pod, linuxOf(LIMITS)), await pods.started(pod, linuxOf(LIMITS))];
    expect(await isSwapLimited(alone)).toBe(true);

    await update(alone, { memorySwapLimitInBytes: -1n });
    await update(beside, { memoryLimitInBytes: 96n * MIB, memorySwapLimitInBytes: -1n });

    for (const id of [alone, beside]) {
      expect(await isSwapLimited(id)).toBe(false);
      await update(id, { memoryLimitInBytes: 128n * MIB });
      await update(id, { cpuShares: 256n });
      expect(await isSwapLimited(id)).toBe(false);
      const unlimited = { memoryLimitInBytes: 128n * MIB, memorySwapLimitInBytes: -1n };
      expect((await pods.status(id)).resources?.linux).toMatchObject(unlimited);
      await update(id, { memoryLimitInBytes: 64n * MIB, memorySwapLimitInBytes: 64n * MIB });
      expect(await isSwapLimited(id)).toBe(true);
    }
  });

  it('can have no limit of memory, in so many words', async () => {
    const id = await pods.started(pod, linuxOf({ memoryLimitInBytes: -1n, memorySwapLimitInBytes: -1n }));
    expect((await inspect(id)).HostConfig.Memory).toBe(0);
    const none = { memoryLimitInBytes: -1n, memorySwapLimitInBytes: -1n };
    for (const said of [{ memoryLimitInBytes: -1n }, { memorySwapLimitInBytes: -1n }, none]) {
      expect(await update(id, said)).toEqual({});
    }
    const fresh = await pods.create(pod, {});
    await update(fresh, none);
    await shim.call(Runtime.startContainer, { containerId: fresh });
    expect((await inspect(fresh)).State.Running).toBe(true);

    await update(id, { memoryLimitInBytes: 64n * MIB });
    await expect(update(id, { memoryLimitInBytes: -1n })).rejects.toMatchObject(
      refusal('UNIMPLEMENTED', /linux\.memory_limit_in_bytes: Docker cannot take a memory limit away/),
    );
  });

  it('have huge pages limited, or are refused by name', async () => {
    const hugepageLimits = [{ pageSize: '2MB', limit: 4n * MIB }];
    if ((await limitedHugepageSizes()).includes('2MB')) {
      const id = await pods.started(pod, linuxOf({ hugepageLimits }));
      expect((await pods.status(id)).resources?.linux).toMatchObject({ hugepageLimits });
      await update(id, { hugepageLimits: [{ pageSize: '2MB', limit: 0n }] });
      expect((await pods.status(id)).resources?.linux?.hugepageLimits).toEqual([{ pageSize: '2MB', limit: 0n }]);
    } else {
      await expect(pods.create(pod, linuxOf({ hugepageLimits }))).rejects.toMatchObject(
        refusal('UNIMPLEMENTED', /hugepage_limits: this host cannot limit pages of 2MB/),
      );
    }
  });

  it('have files of cgroup v2 written, or are refused by name', async () => {
    const unified = { 'memory.high': String(32n * MIB), 'memory.oom.group': '1' };
    if ((await docker('info', '--format', '{{.CgroupVersion}}')) === '2') {
      const limits = { memoryLimitInBytes: 64n * MIB, unified };
      const id = await pods.started(pod, linuxOf(limits));
      expect((await pods.status(id)).resources?.linux).toMatchObject(limits);
      expect(await pods.script(id, 'cat /sys/fs/cgroup/memory.high')).toBe(`${32n * MIB}\n`);

      // What an update does not name stays, also where systemd would take it back.
      await update(id, { memoryLimitInBytes: 96n * MIB });
      expect((await pods.status(id)).resources?.linux).toMatchObject({ memoryLimitInBytes: 96n * MIB, unified });
      await update(id, { unified: { 'memory.high': 'max' } });
      await update(id, { cpuShares: 300n });
      expect((await pods.status(id)).resources?.linux?.unified).toEqual({ ...unified, 'memory.high': 'max' });
    } else {
      await expect(pods.create(pod, linuxOf({ unified }))).rejects.toMatchObject(
        refusal('UNIMPLEMENTED', /unified: memory\.high needs a host with cgroup v2/),
      );
    }
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

  it('gives its processes another OOM score, but for those that have chosen their own', async () => {
    const own = 'sleep 3600 & (echo 400 >/proc/self/oom_score_adj; exec sleep 3600) & wait';
    const id = await pods.started(pod, { command: ['sh', '-c', own], ...linuxOf({ oomScoreAdj: 200n }) });
    const scores = async (): Promise<string[]> => {
      const top = await docker('top', id, '-o', 'pid');
      const pids = top.split('\n').slice(1);
      return (await Promise.all(pids.map((pid) => readFile(`/proc/${pid.trim()}/oom_score_adj`, 'utf8')))).sort();
    };
    await until(async () => (await scores()).join('') === '200\n200\n400\n');

    await update(id, { oomScoreAdj: 300n });

    expect(await scores()).toEqual(['300\n', '300\n', '400\n']);
    expect((await pods.status(id)).resources?.linux?.oomScoreAdj).toBe(300n);
  });

  it('is still told when the shim was started again', async () => {
    const id = await pods.started(pod, linuxOf({ ...LIMITS, oomScoreAdj: 100n }));
    const wanted = { memoryLimitInBytes: 96n * MIB, cpuQuota: 30_000n, cpuShares: 256n, oomScoreAdj: 150n };
    await update(id, wanted);

    await shim.restart();

    expect((await pods.status(id)).resources?.linux).toMatchObject({ ...LIMITS, ...wanted });
  });

  it('is refused before the start for what is no affair of Docker’s', async () => {
    const id = await pods.create(pod, linuxOf({ oomScoreAdj: 100n }));

    await expect(update(id, { oomScoreAdj: 200n })).rejects.toMatchObject(
      refusal('FAILED_PRECONDITION', /oom_score_adj: .*no process before it is started/),
    );
    expect(await update(id, { oomScoreAdj: 100n, cpuShares: 300n })).toEqual({});
  });

  it.each<[string, Partial<LinuxContainerResources>, RegExp]>([
    ['a period that no kernel has', { cpuPeriod: 10n }, /linux\.cpu_period/],
    ['less memory than a container needs', { memoryLimitInBytes: 4096n }, /linux\.memory_limit_in_bytes/],
    ['swap without memory', { memorySwapLimitInBytes: 64n * MIB }, /linux\.memory_swap_limit_in_bytes/],
    ['CPUs that are not there', { cpusetCpus: '4095' }, /Requested CPUs are not available/],
  ])('is refused for %s', async (_what, linux, sentence) => {
    const id = await pods.started(pod);
    await expect(update(id, linux)).rejects.toMatchObject(refusal('INVALID_ARGUMENT', sentence));
  });
});

describe('UpdatePodSandboxResources', () => {
  const change = (podSandboxId: string, resources: Partial<LinuxContainerResources>) => {
    const request = UpdatePodSandboxResourcesRequest.fromPartial({ podSandboxId, resources, overhead: resources });
    return shim.call(Runtime.updatePodSandboxResources, request);
  };

  it.each<[string, Partial<LinuxContainerResources>]>([
    ['with limits', { cpuPeriod: 100_000n, cpuQuota: 50_000n, memoryLimitInBytes: 64n * MIB }],
    ['without', { cpuPeriod: 100_000n, cpuQuota: -1n, memoryLimitInBytes: -1n }],
    // As kubelets read it from cgroup v1.
    ['without, in the words of the kernel', { memoryLimitInBytes: 9_223_372_036_854_771_712n, cpuQuota: -25_001n }],
  ])('is taken note of for a pod %s: its cgroup is the kubelet’s', async (_what, resources) => {
    expect(await change(pod.id, resources)).toEqual({});
  });

  it('is refused for what is no sandbox', async () => {
    await expect(change(await pods.create(pod), {})).rejects.toMatchObject(refusal('NOT_FOUND', /no pod sandbox/));
  });
});

/** As the kernel has it. Of cgroup v1 the file is of memory and swap together. */
async function isSwapLimited(id: string): Promise<boolean> {
  const cgroups = await readFile(`/proc/${(await inspect(id)).State.Pid}/cgroup`, 'utf8');
  const v1 = cgroupPath(id, cgroups, 'memory');
  const file =
    v1 === undefined ? `${cgroupPath(id, cgroups, '')}/memory.swap.max` : `${v1}/memory.memsw.limit_in_bytes`;
  const limit = (await readFile(`/sys/fs/cgroup${file}`, 'utf8')).trim();
  return limit !== 'max' && BigInt(limit) < 2n ** 50n;
}

/** The OOM score that a process here ends up with when it asks for this one. */
async function kernelLets(score: string): Promise<bigint> {
  const script = `{ echo ${score} >/proc/self/oom_score_adj; } 2>/dev/null; cat /proc/self/oom_score_adj`;
  return BigInt((await promisify(execFile)('sh', ['-c', script])).stdout);
}
