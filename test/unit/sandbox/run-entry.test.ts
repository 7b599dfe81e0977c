import { answerToError } from '../../../src/docker/errors';
import type { ContainerInspect } from '../../../src/docker/types';
import { ShimError } from '../../../src/lib/errors';
import { clearLeftOver, RunEntry, type RunEntryNeeds } from '../../../src/sandbox/run-entry';
import { RunJournal } from '../../../src/store/run-journal';
import { aCall } from '../../support/a-call';
import { temporaryDirectory } from '../../support/temporary-directory';

const NAME = 'k8s_POD_web_shop_uid_0';
const OLD = 'f0'.repeat(32);
const NEW = 'e1'.repeat(32);
const TAKEN = answerToError(409, `The container name "/${NAME}" is already in use by container "${OLD}".`);
const REFUSED = answerToError(400, 'no such runtime');
const LOST = new ShimError('Unavailable', 'the connection was lost');
const STUCK = new ShimError('Internal', 'it does not go');

const root = temporaryDirectory();

interface Holder {
  readonly running: boolean;
  /** Whether it is a pod sandbox; it is unless this says no. */
  readonly sandbox?: false;
  readonly members?: number;
  readonly attached?: true;
}

/**
 * An engine with what has the sandbox's name, or without. Its story says what was done there, and whether the journal had
 * an entry just then.
 * @param answers what the creates come to, one after the other
 */
function bench(holder: Holder | undefined, ...answers: (string | Error)[]) {
  const journal = new RunJournal(root.path('running'));
  const story: string[] = [];
  const tell = async (what: string): Promise<void> => {
    const entries = await journal.unfinished();
    story.push(`${what}, ${entries.length === 0 ? 'no entry' : 'entry'}`);
  };
  const broken = new Set<string>();
  const step = async (what: string): Promise<void> => {
    await tell(what);
    if (broken.has(what)) throw STUCK;
  };
  const needs: RunEntryNeeds = {
    journal,
    network: {
      detach: () => step('detach'),
      knows: () => Promise.resolve(holder?.attached === true),
    },
    checkpoints: { read: () => Promise.resolve(undefined), remove: () => step('forget') },
    engine: {
      async createContainer() {
        await tell('create');
        const answer = answers.shift() ?? LOST;
        if (typeof answer === 'string') return answer;
        throw answer;
      },
      async inspectContainer(_ctx, id) {
        await tell('inspect');
        if (holder === undefined) throw new ShimError('NotFound', 'gone');
        return {
          Id: id === NAME ? OLD : id,
          Name: `/${NAME}`,
          State: { Running: holder.running },
          Config: { Labels: holder.sandbox === false ? {} : { 'io.kubernetes.docker.type': 'podsandbox' } },
          HostConfig: { NetworkMode: holder.attached ? 'none' : 'host' },
        } as unknown as ContainerInspect;
      },
      removeContainer: (_ctx, id) => step(`remove ${id === OLD ? 'old' : 'new'}`),
      listContainers: () => Promise.resolve(new Array(holder?.members ?? 0).fill({ Id: 'member' })),
    },
  };
  const { ctx } = aCall();
  const begin = () => RunEntry.begin(needs, NAME);
  const create = async () => (await begin()).create(ctx, {} as never);
  return { needs, ctx, begin, create, journal, story, broken };
}

it('is there from before the create until the sandbox is complete', async () => {
  const { begin, ctx, journal, story } = bench(undefined, NEW);
  const entry = await begin();
  await expect(entry.create(ctx, {} as never)).resolves.toEqual({ id: NEW, outcome: 'made' });
  expect(story).toEqual(['create, entry']);
  expect(await journal.unfinished()).toEqual([NAME]);
  await entry.finish();
  expect(await journal.unfinished()).toEqual([]);
});

it.each([
  { what: 'a refused create leaves none', error: REFUSED, entries: [] },
  { what: 'a create whose answer was lost leaves its own', error: LOST, entries: [NAME] },
])('$what', async ({ error, entries }) => {
  const { create, journal } = bench(undefined, error);
  await expect(create()).rejects.toBe(error);
  expect(await journal.unfinished()).toEqual(entries);
});

describe('a name that is taken', () => {
  it('by a sandbox that runs: it is complete, and at no time after the create would a crash make it look half-made', async () => {
    const { create, journal, story } = bench({ running: true }, TAKEN);
    await expect(create()).resolves.toEqual({ id: OLD, outcome: 'complete already' });
    expect(story).toEqual(['create, entry', 'inspect, no entry']);
    expect(await journal.unfinished()).toEqual([]);
  });

  it('by one that has stopped: a new one takes its place, with an entry', async () => {
    const { create, journal, story } = bench({ running: false }, TAKEN, NEW);
    await expect(create()).resolves.toEqual({ id: NEW, outcome: 'made' });
    expect(story).toEqual([
      'create, entry',
      'inspect, no entry',
      'remove old, no entry',
      'forget, no entry',
      'create, entry',
    ]);
    expect(await journal.unfinished()).toEqual([NAME]);
  });

  it('by one that has gone meanwhile: the create is tried again, once', async () => {
    const { create, journal, story } = bench(undefined, TAKEN, TAKEN);
    await expect(create()).rejects.toBe(TAKEN);
    expect(story).toEqual(['create, entry', 'inspect, no entry', 'create, entry']);
    expect(await journal.unfinished()).toEqual([]);
  });

  it.each([
    ['a stopped sandbox with containers', { running: false, members: 1 }, /still has containers/],
    ['a container that is no sandbox', { running: true, sandbox: false as const }, /is no pod sandbox/],
  ])('by %s: it is left alone', async (_whose, holder, words) => {
    const { create, journal, story } = bench(holder, TAKEN);
    await expect(create()).rejects.toMatchObject({ kind: 'AlreadyExists', message: expect.stringMatching(words) });
    expect(story).toEqual(['create, entry', 'inspect, no entry']);
    expect(await journal.unfinished()).toEqual([]);
  });
});

describe('an entry that is left over', () => {
  const CLEARED = ['inspect, entry', 'detach, entry', 'remove old, entry', 'forget, entry'];

  it('says that what has the name is half-made, also when it runs: it is replaced', async () => {
    const { create, journal, story } = bench({ running: true, members: 1, attached: true }, TAKEN, NEW);
    await journal.begin(NAME);
    await expect(create()).resolves.toEqual({ id: NEW, outcome: 'made' });
    expect(story).toEqual(['create, entry', ...CLEARED, 'create, entry']);
    expect(await journal.unfinished()).toEqual([NAME]);
  });

  it.each([
    ['the create is refused', [REFUSED]],
    ['the second create is refused', [TAKEN, REFUSED]],
  ])('stays when %s', async (_when, answers) => {
    const { create, journal } = bench({ running: true }, ...answers);
    await journal.begin(NAME);
    await expect(create()).rejects.toBe(REFUSED);
    expect(await journal.unfinished()).toEqual([NAME]);
  });

  it('is cleared with what its run left', async () => {
    const { needs, ctx, journal, story } = bench({ running: true, attached: true });
    await journal.begin(NAME);
    await clearLeftOver(needs, ctx, NAME);
    expect(story).toEqual(CLEARED);
    expect(await journal.unfinished()).toEqual([]);
  });

  it('is cleared when its run left nothing', async () => {
    const { needs, ctx, journal } = bench(undefined);
    await journal.begin(NAME);
    await clearLeftOver(needs, ctx, NAME);
    expect(await journal.unfinished()).toEqual([]);
  });

  it.each(['detach', 'remove old', 'forget'])('stays when what its run left cannot be cleared: %s', async (what) => {
    const { needs, ctx, journal, broken } = bench({ running: true, attached: true });
    await journal.begin(NAME);
    broken.add(what);
    await expect(clearLeftOver(needs, ctx, NAME)).rejects.toBe(STUCK);
    expect(await journal.unfinished()).toEqual([NAME]);
  });
});

describe('undoing', () => {
  it('takes the sandbox off its network, removes it, and then ends the entry', async () => {
    const { begin, ctx, journal, story } = bench({ running: true, attached: true });
    const entry = await begin();
    await entry.undo(ctx, NEW);
    expect(story).toEqual(['inspect, entry', 'detach, entry', 'remove new, entry']);
    expect(await journal.unfinished()).toEqual([]);
  });

  it('asks no plugin when the network has not heard of the sandbox', async () => {
    const { begin, ctx, story } = bench({ running: true });
    const entry = await begin();
    await entry.undo(ctx, NEW);
    expect(story).toEqual(['remove new, entry']);
  });

  it.each([
    ['detach', ['inspect, entry', 'detach, entry']],
    ['remove new', ['inspect, entry', 'detach, entry', 'remove new, entry']],
  ])('keeps the entry, and what comes after, when it fails: %s', async (what, done) => {
    const { begin, ctx, journal, story, broken } = bench({ running: true, attached: true });
    const entry = await begin();
    broken.add(what);
    await expect(entry.undo(ctx, NEW)).rejects.toBe(STUCK);
    expect(story).toEqual(done);
    expect(await journal.unfinished()).toEqual([NAME]);
  });
});
