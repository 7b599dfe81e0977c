import { answerToError } from '../../../src/docker/errors';
import type { ContainerInspect } from '../../../src/docker/types';
import { ShimError } from '../../../src/lib/errors';
import { createPause, type CreatePauseNeeds } from '../../../src/sandbox/create-pause';
import { RunJournal } from '../../../src/store/run-journal';
import { aCall } from '../../support/a-call';
import { temporaryDirectory } from '../../support/temporary-directory';

const NAME = 'k8s_POD_web_shop_uid_0';
const OLD = 'f0'.repeat(32);
const NEW = 'e1'.repeat(32);
const TAKEN = answerToError(409, `The container name "/${NAME}" is already in use by container "${OLD}".`);
const REFUSED = answerToError(400, 'no such runtime');
const LOST = new ShimError('Unavailable', 'the connection was lost');

const root = temporaryDirectory();

/**
 * An engine with a sandbox of this name, running or not, or without.
 * @param answers what the creates come to, one after the other
 */
function bench(running: boolean | undefined, ...answers: (string | Error)[]) {
  const journal = new RunJournal(root.path('running'));
  const removed: string[] = [];
  const entriesAtCreate: number[] = [];
  const holder = {
    Id: OLD,
    State: { Running: running },
    Config: { Labels: { 'io.kubernetes.docker.type': 'podsandbox' } },
    HostConfig: { NetworkMode: 'host' },
  } as unknown as ContainerInspect;
  const needs: CreatePauseNeeds = {
    journal,
    onStep: () => undefined,
    network: { detach: () => Promise.resolve(), knows: () => Promise.resolve(false) },
    checkpoints: { read: () => Promise.resolve(undefined), remove: () => Promise.resolve() },
    engine: {
      async createContainer() {
        entriesAtCreate.push((await journal.unfinished()).length);
        const answer = answers.shift() ?? LOST;
        if (typeof answer === 'string') return answer;
        throw answer;
      },
      inspectContainer: () =>
        running === undefined ? Promise.reject(new ShimError('NotFound', 'gone')) : Promise.resolve(holder),
      removeContainer: (_ctx, id) => Promise.resolve(void removed.push(id)),
      listContainers: () => Promise.resolve([]),
    },
  };
  const create = () => createPause(needs, aCall().ctx, NAME, {} as never);
  return { create, journal, removed, entriesAtCreate };
}

it('has an entry in the journal from before the create until the run ends', async () => {
  const { create, journal, entriesAtCreate } = bench(undefined, NEW);
  await expect(create()).resolves.toEqual({ id: NEW, ready: false });
  expect(entriesAtCreate).toEqual([1]);
  expect(await journal.unfinished()).toEqual([NAME]);
});

it.each([
  { what: 'a refused create leaves none', error: REFUSED, entries: [] },
  { what: 'a create whose answer was lost leaves its own', error: LOST, entries: [NAME] },
])('$what', async ({ error, entries }) => {
  const { create, journal } = bench(undefined, error);
  await expect(create()).rejects.toBe(error);
  expect(await journal.unfinished()).toEqual(entries);
});

it("answers a finished sandbox's id, and leaves no entry that would have it taken for half-made", async () => {
  const { create, journal, removed } = bench(true, TAKEN);
  await expect(create()).resolves.toEqual({ id: OLD, ready: true });
  expect(await journal.unfinished()).toEqual([]);
  expect(removed).toEqual([]);
});

it('puts a new one in the place of one that has stopped, with an entry of its own', async () => {
  const { create, journal, removed, entriesAtCreate } = bench(false, TAKEN, NEW);
  await expect(create()).resolves.toEqual({ id: NEW, ready: false });
  expect(removed).toEqual([OLD]);
  expect(entriesAtCreate).toEqual([1, 1]);
  expect(await journal.unfinished()).toEqual([NAME]);
});

it('takes one that runs for half-made when its run was cut off', async () => {
  const { create, journal, removed } = bench(true, TAKEN, NEW);
  await journal.begin(NAME);
  await expect(create()).resolves.toEqual({ id: NEW, ready: false });
  expect(removed).toEqual([OLD]);
  expect(await journal.unfinished()).toEqual([NAME]);
});

it('leaves the entry of a run that was cut off when its own create is refused', async () => {
  const { create, journal } = bench(undefined, REFUSED);
  await journal.begin(NAME);
  await expect(create()).rejects.toBe(REFUSED);
  expect(await journal.unfinished()).toEqual([NAME]);
});
