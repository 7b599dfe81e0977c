import { ContainerState, RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { exists, inspect } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';

jest.setTimeout(60_000);

const NOBODY = 'e'.repeat(64);

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  pod = await pods.run();
});

afterAll(() => shim.stop());

const start = (containerId: string) => shim.call(Runtime.startContainer, { containerId });
const remove = (containerId: string) => shim.call(Runtime.removeContainer, { containerId });
const listedState = async (containerId: string) => {
  const { containers } = await shim.call(Runtime.listContainers, { filter: undefined });
  return containers.find(({ id }) => id === containerId)?.state;
};
const sh = (script: string) => ({ command: ['sh', '-c', script] });

describe('the states', () => {
  it('go from created over running to exited, with their times', async () => {
    const id = await pods.create(pod, sh('exec sleep 3600'));
    const created = await pods.status(id);
    expect(created).toMatchObject({
      state: ContainerState.CONTAINER_CREATED,
      startedAt: 0n,
      finishedAt: 0n,
      exitCode: 0,
      reason: '',
    });
    expect(await listedState(id)).toBe(ContainerState.CONTAINER_CREATED);

    await start(id);
    const running = await pods.status(id);
    expect(running).toMatchObject({ state: ContainerState.CONTAINER_RUNNING, finishedAt: 0n, reason: '' });
    expect(running.startedAt > created.createdAt).toBe(true);
    expect(await listedState(id)).toBe(ContainerState.CONTAINER_RUNNING);

    await shim.call(Runtime.stopContainer, { containerId: id, timeout: 5n });
    const exited = await pods.status(id);
    expect(exited.state).toBe(ContainerState.CONTAINER_EXITED);
    expect(exited.startedAt).toBe(running.startedAt);
    expect(exited.finishedAt > exited.startedAt).toBe(true);
    expect(await listedState(id)).toBe(ContainerState.CONTAINER_EXITED);

    await remove(id);
    await expect(pods.status(id)).rejects.toMatchObject(refusal('NOT_FOUND'));
    expect(await listedState(id)).toBeUndefined();
  });

  it.each([
    ['Completed', 'exit 0', 0],
    ['Error', 'exit 1', 1],
    ['Error', 'exit 255', 255],
    ['Error', 'kill -9 $$', 137],
  ])('%s: %s', async (reason, script, exitCode) => {
    expect(await pods.ended(pod, sh(script))).toMatchObject({
      state: ContainerState.CONTAINER_EXITED,
      reason,
      exitCode,
    });
  });

  it('OOMKilled: more memory than its limit', async () => {
    const status = await pods.ended(pod, {
      command: ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=256M', 'count=1'],
      linux: { resources: { memoryLimitInBytes: 16n * 1024n * 1024n } },
    });

    expect(status).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
  });
});

describe('StartContainer', () => {
  it.each([
    ['a program that is not there', { command: ['/no/such/program'] }, 127],
    ['a program that is none', { command: ['/etc/passwd'] }, 126],
  ])('of %s fails, and the container has exited', async (_what, parts, exitCode) => {
    const id = await pods.create(pod, parts);

    await expect(start(id)).rejects.toMatchObject(refusal('INVALID_ARGUMENT', new RegExp(parts.command[0] ?? '')));

    const status = await pods.status(id);
    expect(status).toMatchObject({ state: ContainerState.CONTAINER_EXITED, reason: 'ContainerCannotRun', exitCode });
    expect(status.message).toContain(parts.command[0]);
    expect(status.finishedAt).toBeGreaterThan(0n);
    expect(await listedState(id)).toBe(ContainerState.CONTAINER_EXITED);
    await remove(id);
  });

  it('of one that was started before is refused', async () => {
    const running = await pods.started(pod);
    const { id: exited } = await pods.ended(pod, sh('exit 0'));

    await expect(start(running)).rejects.toMatchObject(refusal('FAILED_PRECONDITION', /started before.*running/));
    await expect(start(exited)).rejects.toMatchObject(refusal('FAILED_PRECONDITION', /started before.*exited/));
  });

  it('of an unknown one is NotFound', async () => {
    await expect(start(NOBODY)).rejects.toMatchObject(refusal('NOT_FOUND', /no container/));
  });

  it('of one whose pod was stopped fails', async () => {
    const stopped = await pods.run();
    const id = await pods.create(stopped);
    await shim.call(Runtime.stopPodSandbox, { podSandboxId: stopped.id });

    // Docker 20 names the pause container by its id, Docker 28 by its name.
    await expect(start(id)).rejects.toMatchObject({ details: expect.stringContaining('non running container') });
    expect((await inspect(id)).State.Running).toBe(false);
  });
});

describe('RemoveContainer', () => {
  it('removes one that runs, one that has ended and one that never started', async () => {
    const ids = [await pods.started(pod), (await pods.ended(pod, sh('exit 0'))).id, await pods.create(pod)];

    for (const id of ids) expect(await remove(id)).toEqual({});

    expect(await Promise.all(ids.map(exists))).toEqual([false, false, false]);
  });

  it('succeeds again and again, also at the same time, and for what was never there', async () => {
    const id = await pods.started(pod);

    expect(await Promise.all([remove(id), remove(id), remove(id)])).toEqual([{}, {}, {}]);
    expect(await remove(id)).toEqual({});
    expect(await remove(NOBODY)).toEqual({});
  });
});

it('ContainerStatus has information on Docker in it when it is asked to be verbose', async () => {
  const id = await pods.started(pod);

  const quiet = await shim.call(Runtime.containerStatus, { containerId: id, verbose: false });
  const { info } = await shim.call(Runtime.containerStatus, { containerId: id, verbose: true });

  expect(quiet.info).toEqual({});
  expect(JSON.parse(info['info'] ?? '')).toMatchObject({ sandboxID: pod.id, pid: (await inspect(id)).State.Pid });
});

it('ContainerStatus takes the beginning of an id', async () => {
  const id = await pods.create(pod);

  expect(await pods.status(id.slice(0, 13))).toMatchObject({ id });
});
