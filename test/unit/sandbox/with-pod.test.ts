import type { ContainerInspect } from '../../../src/docker/types';
import { ShimError } from '../../../src/lib/errors';
import { KeyedMutex } from '../../../src/lib/keyed-mutex';
import { withPod, type EndingPod } from '../../../src/sandbox/with-pod';
import { aCall } from '../../support/a-call';
import { refusalOf } from '../../support/refusal';

const ID = 'f0'.repeat(32);

/** As much of it as is looked at. */
function sandbox(pid: number): ContainerInspect {
  const [Config, State] = [{ Labels: { 'io.kubernetes.docker.type': 'podsandbox' } }, { Running: pid > 0, Pid: pid }];
  return { Id: ID, Name: '/k8s_POD_web_shop_uid_0', Config, State } as unknown as ContainerInspect;
}

/** An engine whose sandbox has one process after the other; undefined is none at all. */
function engineWith(...pids: (number | undefined)[]) {
  return {
    inspectContainer: () => {
      const pid = pids.length > 1 ? pids.shift() : pids[0];
      if (pid === undefined) return Promise.reject(new ShimError('NotFound', 'no such container'));
      return Promise.resolve(sandbox(pid));
    },
  };
}

it("looks again at a pod that it had to wait for: its process may be gone, and its number somebody else's", async () => {
  const needs = { engine: engineWith(7, 7, 0), pods: new KeyedMutex() };
  const seen: (EndingPod['sandbox'] | undefined)[] = [];
  let release!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  const first = withPod(needs, aCall().ctx, ID, 'stop', async (pod) => {
    seen.push(pod.sandbox);
    await held;
  });
  const second = withPod(needs, aCall().ctx, ID, 'stop', (pod) => Promise.resolve(void seen.push(pod.sandbox)));
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen.map((one) => one?.State.Pid)).toEqual([7]);
  release();
  await Promise.all([first, second]);
  expect(seen.map((one) => one?.State.Pid)).toEqual([7, 0]);
});

it('goes on without a pause container when the id is whole, and has nothing to do when it is not', async () => {
  const needs = { engine: engineWith(undefined), pods: new KeyedMutex() };
  const seen: EndingPod[] = [];
  const work = (pod: EndingPod) => Promise.resolve(void seen.push(pod));
  await withPod(needs, aCall().ctx, ID, 'stop', work);
  await withPod(needs, aCall().ctx, 'f0f0', 'stop', work);
  expect(seen).toEqual([{ id: ID, sandbox: undefined }]);
  expect(needs.pods.size).toBe(0);
});

it('says what was being done to which pod when it fails', async () => {
  const needs = { engine: engineWith(7), pods: new KeyedMutex() };
  const failing = withPod(needs, aCall().ctx, 'f0f0', 'stop pod sandbox', () =>
    Promise.reject(new ShimError('Unavailable', 'the network is away')),
  );
  expect(await refusalOf(failing)).toBe(`Unavailable: stop pod sandbox ${ID}: the network is away`);
});
