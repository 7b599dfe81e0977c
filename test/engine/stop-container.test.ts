import {
  ContainerState,
  NamespaceMode,
  RuntimeServiceService as Runtime,
  Signal,
} from '../../generated/runtime/v1/api';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type ContainerParts, type TestPod } from '../support/test-pods';

jest.setTimeout(60_000);

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  pod = await pods.run();
});

afterAll(() => shim.stop());

const stop = (containerId: string, timeout: bigint) => shim.call(Runtime.stopContainer, { containerId, timeout });

/** Runs a script as the first process of its PID namespace, and waits until it has set its traps. */
async function trapping(script: string, parts: ContainerParts = {}): Promise<string> {
  const id = await pods.started(pod, {
    command: ['sh', '-c', `${script}; touch /ready; while :; do sleep 0.05; done`],
    linux: { securityContext: { namespaceOptions: { pid: NamespaceMode.CONTAINER } } },
    ...parts,
  });
  await pods.script(id, 'until [ -e /ready ]; do sleep 0.05; done');
  return id;
}

it('sends SIGTERM and waits for the exit, whose code is the status’s', async () => {
  const id = await trapping('trap "exit 42" TERM');

  await stop(id, 30n);

  expect(await pods.status(id)).toMatchObject({
    state: ContainerState.CONTAINER_EXITED,
    exitCode: 42,
    reason: 'Error',
  });
});

it('sends the stop signal of the container', async () => {
  const id = await trapping('trap "exit 43" USR1; trap "exit 1" TERM', { stopSignal: Signal.SIGNAL_SIGUSR1 });

  await stop(id, 30n);

  expect((await pods.status(id)).exitCode).toBe(43);
});

it('kills what is deaf to the signal once the grace is over, and not before', async () => {
  const id = await trapping('trap "" TERM');

  const stopped = stop(id, 2n);
  await expect(Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, 1_000, 'waits'))])).resolves.toBe(
    'waits',
  );
  expect((await pods.status(id)).state).toBe(ContainerState.CONTAINER_RUNNING);
  await stopped;

  expect(await pods.status(id)).toMatchObject({ state: ContainerState.CONTAINER_EXITED, exitCode: 137 });
});

it('kills at once without a grace', async () => {
  const id = await trapping('trap "exit 42" TERM');

  await stop(id, 0n);

  expect((await pods.status(id)).state).toBe(ContainerState.CONTAINER_EXITED);
});

it('succeeds for one that has ended, that never started, and that is not there', async () => {
  const { id: ended } = await pods.ended(pod, { command: ['true'] });
  const created = await pods.create(pod);

  expect(await stop(ended, 5n)).toEqual({});
  expect(await stop(created, 5n)).toEqual({});
  expect(await stop('e'.repeat(64), 5n)).toEqual({});
  expect((await pods.status(created)).state).toBe(ContainerState.CONTAINER_CREATED);
});

it('succeeds for two callers at the same time', async () => {
  const id = await trapping('trap "exit 42" TERM');

  expect(await Promise.all([stop(id, 30n), stop(id, 30n)])).toEqual([{}, {}]);
});

it('takes the longest grace that CRI can express', async () => {
  const id = await trapping('trap "exit 42" TERM');

  await stop(id, 9_223_372_036_854_775_807n);

  expect((await pods.status(id)).exitCode).toBe(42);
});

it('gives up with its deadline, and the container is killed no sooner for that', async () => {
  const id = await trapping('trap "" TERM');
  const call = shim.call(Runtime.stopContainer, { containerId: id, timeout: 600n }, { timeoutMs: 500 });

  await expect(call).rejects.toMatchObject(refusal('DEADLINE_EXCEEDED'));

  expect((await pods.status(id)).state).toBe(ContainerState.CONTAINER_RUNNING);
});
