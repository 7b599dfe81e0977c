import {
  ListContainersRequest,
  ListPodSandboxRequest,
  PodSandboxState,
  RuntimeServiceService as Runtime,
} from '../../generated/runtime/v1/api';
import { EngineConnection } from '../../src/docker/connection';
import { DockerodeEngine } from '../../src/docker/dockerode-engine';
import type { ContainerInspect } from '../../src/docker/types';
import { toContainerStatus } from '../../src/translate/container-status';
import { kindOfContainer, SANDBOX_ID_LABEL, TYPE_LABEL } from '../../src/translate/labels';
import { aCall } from '../support/a-call';
import { EngineDoor } from '../support/engine-door';
import { docker, ENGINE_SOCKET } from '../support/engine-under-test';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';

/**
 * A random walk of CRI calls, of what people do behind the shim's back, and of cuts of the event stream. After each step
 * the shim comes to say what Docker says; after a CRI call it does so at once.
 */
const STEPS = Number(process.env['DOCKERSHIM_TEST_STEPS'] ?? 150);
const SEED = Number(process.env['DOCKERSHIM_TEST_SEED'] ?? Date.now() % 1_000_000);
/** A start that failed behind the shim's back is in no event; such containers are looked at every ten seconds. */
const PATIENCE_MS = 20_000;
const EVENTS = /^GET \S+\/events/;
/** No mount is compared. */
const RUNTIMES = { names: ['runc'], default: 'runc', recursiveReadOnly: [] };
const MOST_PODS = 3;
const MOST_CONTAINERS = 6;

jest.setTimeout(60_000 + STEPS * 5_000);

const connection = new EngineConnection(ENGINE_SOCKET);
const engine = new DockerodeEngine(connection);
const { ctx } = aCall();

let door: EngineDoor;
let shim: ShimUnderTest;
let pods: TestPods;
const made = new Map<string, TestPod>();

beforeAll(async () => {
  const doorSocket = `/tmp/dockershim-door-${process.pid}.sock`;
  door = await EngineDoor.open(doorSocket);
  shim = await ShimUnderTest.start(`--docker-endpoint=unix://${doorSocket}`);
  pods = await TestPods.over(shim);
});

afterAll(async () => {
  door.refuse();
  await shim.stop();
  await door.close();
  connection.close();
});

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = randomFrom(SEED);

function oneOf<T>(items: readonly T[]): T | undefined {
  return items[Math.floor(random() * items.length)];
}

/** This run's containers, as Docker has them. */
async function inspectAll(): Promise<ContainerInspect[]> {
  const rows = await engine.listContainers(ctx, { labels: [TYPE_LABEL] });
  const own = rows.filter(({ Names }) => Names?.some((name) => name.includes(shim.runName)));
  const found = await Promise.all(own.map(({ Id }) => engine.inspectContainer(ctx, Id).catch(() => undefined)));
  return found.filter((one) => one !== undefined);
}

/** What Docker says, by id, in the words of the interface. */
async function byDocker(): Promise<Record<string, object>> {
  const told = (await inspectAll()).map((one): [string, object] => {
    if (kindOfContainer(one.Config.Labels) === 'podsandbox') return [one.Id, { ready: one.State.Running }];
    const { state, startedAt, finishedAt, exitCode, resources, metadata } = toContainerStatus(one, false, RUNTIMES);
    const memory = resources?.linux?.memoryLimitInBytes;
    return [one.Id, { listed: state, state, startedAt, finishedAt, exitCode, memory, metadata }];
  });
  return Object.fromEntries(told);
}

/** What the shim says. */
async function byShim(): Promise<Record<string, object>> {
  const { items } = await shim.call(Runtime.listPodSandbox, ListPodSandboxRequest.fromPartial({}));
  const own = items.filter(({ metadata }) => metadata?.namespace === shim.runName);
  const sandboxes = own.map(({ id, state }): [string, object] => [
    id,
    { ready: state === PodSandboxState.SANDBOX_READY },
  ]);
  const { containers } = await shim.call(Runtime.listContainers, ListContainersRequest.fromPartial({}));
  const members = containers.filter(({ podSandboxId }) => made.has(podSandboxId));
  const statuses = await Promise.all(
    members.map(async ({ id, state: listed }): Promise<[string, object]> => {
      const { status } = await shim.call(Runtime.containerStatus, { containerId: id, verbose: false });
      if (status === undefined) return [id, {}];
      const { state, startedAt, finishedAt, exitCode, resources, metadata } = status;
      const memory = resources?.linux?.memoryLimitInBytes;
      return [id, { listed, state, startedAt, finishedAt, exitCode, memory, metadata }];
    }),
  );
  return Object.fromEntries([...sandboxes, ...statuses]);
}

interface Step {
  readonly name: string;
  /** A CRI call: what it did shows at once. */
  readonly ours: boolean;
  readonly act: () => Promise<unknown>;
}

async function nextStep(): Promise<Step> {
  const all = await inspectAll();
  const members = all.filter((one) => kindOfContainer(one.Config.Labels) === 'container');
  const pod = oneOf([...made.values()].filter(({ id }) => runs(all, id)));
  const member = oneOf(members)?.Id;
  const any = oneOf(all)?.Id;
  const ours = (name: string, act: () => Promise<unknown>): Step => ({ name, ours: true, act });
  const theirs = (...args: string[]): Step => ({ name: `docker ${args[0]}`, ours: false, act: () => docker(...args) });
  const steps: Step[] = [
    { name: 'cut', ours: false, act: () => Promise.resolve(door.cut(EVENTS)) },
    {
      name: 'silence',
      ours: false,
      act: () => {
        door.refuse(EVENTS);
        return Promise.resolve(door.cut(EVENTS));
      },
    },
  ];
  if (made.size < MOST_PODS) {
    const run = async () => {
      const young = await pods.run();
      made.set(young.id, young);
    };
    steps.push(...Array.from({ length: 3 }, () => ours('run', run)));
  }
  if (pod !== undefined) {
    if (members.length < MOST_CONTAINERS) {
      steps.push(...Array.from({ length: 3 }, () => ours('create', () => pods.create(pod))));
      steps.push(...Array.from({ length: 3 }, () => ours('create, start', () => pods.started(pod))));
    }
    steps.push(ours('stop pod', () => shim.call(Runtime.stopPodSandbox, { podSandboxId: pod.id })));
  }
  const old = oneOf([...made.keys()]);
  if (old !== undefined) {
    const remove = async () => {
      await shim.call(Runtime.removePodSandbox, { podSandboxId: old });
      made.delete(old);
    };
    steps.push(ours('remove pod', remove));
  }
  if (member !== undefined) {
    steps.push(
      ours('start', () => shim.call(Runtime.startContainer, { containerId: member })),
      ours('stop', () => shim.call(Runtime.stopContainer, { containerId: member, timeout: 0n })),
      ours('remove', () => shim.call(Runtime.removeContainer, { containerId: member })),
      theirs('pause', member),
      theirs('unpause', member),
      theirs('update', '--memory', '64m', '--memory-swap', '64m', member),
    );
  }
  // A start that fails for want of the pod is in no event, and in no list: nobody but inspect knows of its exit code.
  const startable = oneOf(members.filter((one) => runs(all, one.Config.Labels?.[SANDBOX_ID_LABEL])))?.Id;
  if (startable !== undefined) {
    steps.push(theirs('start', startable), theirs('restart', '--time', '0', startable));
  }
  if (any !== undefined) {
    steps.push(theirs('kill', any), theirs('stop', '--time', '0', any), theirs('rm', '--force', any));
  }
  return oneOf(steps) ?? theirs('version');
}

function runs(all: readonly ContainerInspect[], id: string | undefined): boolean {
  return all.some((one) => one.Id === id && one.State.Running);
}

/** Waits until the shim says what Docker says, and answers for how long, in milliseconds. */
async function agreement(what: string, atOnce: boolean): Promise<number> {
  const began = performance.now();
  for (;;) {
    const expected = await byDocker();
    const said = await byShim().catch((error: unknown) => ({ error: String(error) }));
    const lag = performance.now() - began;
    try {
      expect(said).toEqual(expected);
      return lag;
    } catch (error) {
      if (atOnce || lag > PATIENCE_MS)
        throw new Error(`after ${what}, seed ${SEED}: ${String(error)}`, { cause: error });
    }
  }
}

it(`says what Docker says, after each of ${STEPS} random steps`, async () => {
  const lags: number[] = [];
  const counts = new Map<string, number>();
  let silent = 0;
  for (let number = 1; number <= STEPS; number += 1) {
    const step = await nextStep();
    if (step.name === 'silence') silent = 3;
    // What can't be done in the state that things are in is refused, and changes nothing.
    const done = await step.act().then(
      () => true,
      () => false,
    );
    const name = done ? step.name : `${step.name}, refused`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    const lag = await agreement(`step ${number}, ${name}`, step.ours && done);
    if (!step.ours) lags.push(lag);
    silent -= 1;
    if (silent === 0) door.refuse();
  }
  lags.sort((one, other) => one - other);
  const quantile = (part: number) => (lags[Math.floor(part * (lags.length - 1))] ?? 0).toFixed(0);
  const steps = [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
  process.stdout.write(
    `seed ${SEED}: ${steps}\nuntil the shim says what Docker says of ${lags.length} foreign steps, both being asked, ms: ` +
      `p50 ${quantile(0.5)}, p95 ${quantile(0.95)}, p99 ${quantile(0.99)}, most ${quantile(1)}\n`,
  );
});
