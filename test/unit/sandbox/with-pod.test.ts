import type { ContainerInspect } from '../../../src/docker/types';
import type { NodeSandbox } from '../../../src/index/node-record';
import { ShimError } from '../../../src/lib/errors';
import { KeyedMutex } from '../../../src/lib/keyed-mutex';
import { withPod, type EndingPod } from '../../../src/sandbox/with-pod';
import { networkedPod } from '../../../src/translate/pod-networking';
import { aCall } from '../../support/a-call';
import { refusalOf } from '../../support/refusal';

const ID = 'f0'.repeat(32);

/** As much of it as is looked at. */
function inspect(pid: number): ContainerInspect {
  const [Config, State] = [{ Labels: { 'io.kubernetes.docker.type': 'podsandbox' } }, { Running: pid > 0, Pid: pid }];
  const HostConfig = { NetworkMode: 'none' };
  return { Id: ID, Name: '/k8s_POD_web_shop_uid_0', Config, State, HostConfig } as unknown as ContainerInspect;
}

function sandbox(pid: number): NodeSandbox {
  const network = { Id: ID, HostConfig: {}, State: { Pid: pid } };
  const facts = {} as NodeSandbox['facts'];
  const own = { id: ID, name: 'k8s_POD_web_shop_uid_0', running: pid > 0, endedAt: 0n, facts, runtimeHandler: '' };
  const details = { networked: networkedPod(inspect(pid)), runtime: '', selinuxLevel: '', usernsMode: '' };
  return { kind: 'podsandbox', ...own, network, details };
}

/** A node whose sandbox has one process after the other; undefined is none at all. */
function nodeWith(...pids: (number | undefined)[]) {
  const next = () => {
    const pid = pids.length > 1 ? pids.shift() : pids[0];
    if (pid === undefined) throw new ShimError('NotFound', 'no such container');
    return pid;
  };
  return {
    engine: { inspectContainer: () => Promise.resolve(inspect(9)) },
    index: { settledSandbox: async () => Promise.resolve(sandbox(next())) },
    pods: new KeyedMutex(),
  };
}

it("looks again at a pod that it had to wait for: its process may be gone, and its number somebody else's", async () => {
  const needs = nodeWith(7, 7, 0);
  const seen: (string | undefined)[] = [];
  let release!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  const first = withPod(needs, aCall().ctx, ID, 'stop', async ({ pause }) => {
    seen.push(pause?.netns);
    await held;
  });
  const second = withPod(needs, aCall().ctx, ID, 'stop', ({ pause }) => Promise.resolve(void seen.push(pause?.netns)));
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual(['/proc/7/ns/net']);
  release();
  await Promise.all([first, second]);
  expect(seen).toEqual(['/proc/7/ns/net', '']);
});

it('asks Docker about a pause container that it has but listed', async () => {
  const needs = nodeWith(7);
  needs.index.settledSandbox = () => Promise.resolve({ ...sandbox(0), details: undefined });
  const seen: EndingPod[] = [];
  await withPod(needs, aCall().ctx, ID, 'stop', (pod) => Promise.resolve(void seen.push(pod)));
  expect(seen).toMatchObject([{ id: ID, pause: { name: 'web', namespace: 'shop', netns: '/proc/9/ns/net' } }]);
});

it('goes on without a pause container when the id is whole, and has nothing to do when it is not', async () => {
  const needs = nodeWith(undefined);
  const seen: EndingPod[] = [];
  const work = (pod: EndingPod) => Promise.resolve(void seen.push(pod));
  await withPod(needs, aCall().ctx, ID, 'stop', work);
  await withPod(needs, aCall().ctx, 'f0f0', 'stop', work);
  expect(seen).toEqual([{ id: ID, pause: undefined }]);
  expect(needs.pods.size).toBe(0);
});

it('says what was being done to which pod when it fails', async () => {
  const needs = nodeWith(7);
  const failing = withPod(needs, aCall().ctx, 'f0f0', 'stop pod sandbox', () =>
    Promise.reject(new ShimError('Unavailable', 'the network is away')),
  );
  expect(await refusalOf(failing)).toBe(`Unavailable: stop pod sandbox ${ID}: the network is away`);
});
