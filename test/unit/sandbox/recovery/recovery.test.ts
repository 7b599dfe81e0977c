import type { ContainerInspect } from '../../../../src/docker/types';
import { ShimError } from '../../../../src/lib/errors';
import { KeyedMutex } from '../../../../src/lib/keyed-mutex';
import { Recovery, type RecoveryNeeds } from '../../../../src/sandbox/recovery/recovery';
import { keptLog, type LogLine } from '../../../support/cri-server-under-test';
import { untilGivenUp } from '../../../support/until-given-up';

const [HUNG, HALF, BUSY] = ['k8s_POD_hung_shop_u1_0', 'k8s_POD_half_shop_u2_0', 'k8s_POD_busy_shop_u3_0'] as const;
const [GONE, LIVE] = ['ab'.repeat(32), 'cd'.repeat(32)] as const;

let recovery: Recovery | undefined;

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  recovery?.stop();
  jest.useRealTimers();
});

/** A node with these runs in its journal, a live sandbox and a vanished one: what is done there, and what is logged. */
function node(change: Partial<RecoveryNeeds['engine']>, ...runs: string[]) {
  const journal = new Set(runs);
  const story: string[] = [];
  const lines: LogLine[] = [];
  const pods = new KeyedMutex();
  const network: RecoveryNeeds['network'] = {
    knownSandboxes: () => Promise.resolve([]),
    knows: () => Promise.resolve(false),
    detach: () => Promise.resolve(),
    collectGarbage: () => Promise.resolve(void story.push('collect garbage')),
  };
  const engine: RecoveryNeeds['engine'] = {
    inspectContainer: (_ctx, name) =>
      Promise.resolve({
        Id: name,
        Name: '/k8s_POD_half_shop_u1_0',
        Config: { Labels: { 'io.kubernetes.docker.type': 'podsandbox' } },
        HostConfig: { NetworkMode: 'host' },
        State: { Running: true },
      } as unknown as ContainerInspect),
    removeContainer: (_ctx, id) => Promise.resolve(void story.push(`remove ${id}`)),
    listContainers: () => Promise.resolve([{ Id: LIVE } as never]),
    ...change,
  };
  const needs: RecoveryNeeds = {
    engine,
    pods,
    journal: {
      unfinished: () => Promise.resolve([...journal]),
      end: (name) => Promise.resolve(void journal.delete(name)),
    },
    checkpoints: {
      ids: () => Promise.resolve([GONE, LIVE]),
      isSound: () => Promise.resolve(true),
      read: () => Promise.resolve(undefined),
      write: () => Promise.resolve(),
      remove: (id) => Promise.resolve(void story.push(`forget ${id}`)),
    },
    network,
  };
  recovery = new Recovery(needs, keptLog(lines));
  recovery.start();
  const warnings = () => lines.filter(({ level }) => level === 'warn');
  return { journal, story, pods, network, warnings };
}

it('cleans up the run that was cut off before what has vanished, and then what belongs to no pod', async () => {
  const { journal, story, warnings } = node({}, HALF);
  await jest.advanceTimersByTimeAsync(0);
  expect(story).toEqual([`remove ${HALF}`, `forget ${HALF}`, `forget ${GONE}`, 'collect garbage']);
  expect([...journal]).toEqual([]);
  expect(warnings()).toEqual([]);
});

it('gives up a container that Docker hangs on, says so, frees its pod and goes on with the others', async () => {
  const { journal, story, pods, warnings } = node(
    {
      removeContainer: (ctx, id) =>
        id === HUNG ? untilGivenUp(ctx) : Promise.resolve(void story.push(`remove ${id}`)),
    },
    HUNG,
    HALF,
  );
  await jest.advanceTimersByTimeAsync(29_000);
  expect(story).toEqual([]);
  expect(pods.isBusy(HUNG)).toBe(true);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(story).toEqual([`remove ${HALF}`, `forget ${HALF}`, `forget ${GONE}`, 'collect garbage']);
  expect([...journal]).toEqual([HUNG]);
  expect(pods.isBusy(HUNG)).toBe(false);
  expect(warnings()).toEqual([
    {
      level: 'warn',
      message: 'a half-made sandbox is not cleaned up yet',
      fields: { work: 'recovery', name: HUNG, error: 'removing it took more than 30 s' },
    },
  ]);
});

it('passes a run over that a call is at work on, and looks again when the call has ended', async () => {
  const { journal, story, pods, warnings } = node({}, BUSY, HALF);
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const call = pods.run({ signal: new AbortController().signal, log: keptLog([]) }, BUSY, () => ended);
  await jest.advanceTimersByTimeAsync(0);
  expect(story).toContain(`remove ${HALF}`);
  expect([...journal]).toEqual([BUSY]);
  end();
  await call;
  await jest.advanceTimersByTimeAsync(5_000);
  expect([...journal]).toEqual([]);
  expect(warnings()).toEqual([]);
});

it('tries what is done at the start again while Docker hangs, and says so', async () => {
  let hangs = true;
  const { story, warnings } = node({
    listContainers: (ctx) => (hangs ? untilGivenUp(ctx) : Promise.resolve([])),
  });
  await jest.advanceTimersByTimeAsync(30_000);
  expect(warnings()).toContainEqual({
    level: 'warn',
    message: 'the clean-up will be tried again',
    fields: { work: 'recovery', error: 'listing the pod sandboxes took more than 30 s' },
  });
  expect(story).not.toContain(`forget ${GONE}`);
  hangs = false;
  await jest.advanceTimersByTimeAsync(120_000);
  expect(story).toContain(`forget ${GONE}`);
});

it('waits ever longer before it asks again for a GC that cannot begin, for pods wait for it meanwhile', async () => {
  const { network } = node({});
  const asked: number[] = [];
  jest.spyOn(network, 'collectGarbage').mockImplementation(() => {
    asked.push(performance.now());
    return Promise.reject(new ShimError('DeadlineExceeded', 'a pod is being attached for ever'));
  });
  await jest.advanceTimersByTimeAsync(250_000);
  const pauses = asked.slice(1).map((at, before) => at - (asked[before] ?? NaN));
  expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
});

it('says once of a run that it cannot clean up, until it has', async () => {
  let away = true;
  const { journal, warnings } = node(
    {
      removeContainer: () =>
        away ? Promise.reject(new ShimError('Unavailable', 'the engine is away')) : Promise.resolve(),
    },
    HALF,
  );
  await jest.advanceTimersByTimeAsync(60_000);
  expect(warnings()).toMatchObject([{ fields: { name: HALF, error: 'the engine is away' } }]);
  away = false;
  await jest.advanceTimersByTimeAsync(10_000);
  expect([...journal]).toEqual([]);
  journal.add(HALF);
  away = true;
  await jest.advanceTimersByTimeAsync(10_000);
  expect(warnings()).toHaveLength(2);
});

it('says once of each clean-up that Docker hangs on it', async () => {
  const { warnings } = node({ listContainers: (ctx) => untilGivenUp(ctx) });
  await jest.advanceTimersByTimeAsync(300_000);
  expect(warnings().map(({ fields }) => fields.error)).toEqual([
    ...['listing the pod sandboxes took more than 30 s', 'listing the pod sandboxes took more than 30 s'],
    'listing the readers of images took more than 30 s',
  ]);
});

it('is quiet about an engine that is away', async () => {
  const away = new ShimError('Unavailable', 'the engine is away');
  const { warnings } = node({ listContainers: () => Promise.reject(away) });
  await jest.advanceTimersByTimeAsync(60_000);
  expect(warnings()).toEqual([]);
});
