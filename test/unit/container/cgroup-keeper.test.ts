import { ContainerStatus } from '../../../generated/runtime/v1/api';
import { CgroupKeeper } from '../../../src/container/cgroup-keeper';
import type { ContainerSummary } from '../../../src/docker/types';
import type { NodeContainer } from '../../../src/index/node-record';
import { KeyedMutex } from '../../../src/lib/keyed-mutex';
import { silentLog } from '../../../src/lib/log';
import { CgroupUpdates } from '../../../src/store/cgroup-updates';
import { temporaryDirectory } from '../../support/temporary-directory';

type Files = Readonly<Record<string, string>>;

const directory = temporaryDirectory();
const CREATED_WITH: Files = { 'hugetlb.2MB.max': '0' };

let cgroups: KeyedMutex;
let updates: CgroupUpdates;
let keeper: CgroupKeeper;
/** The cgroups of the processes, as the kernel has them. */
let kernel: Map<number, Record<string, string>>;
let written: (readonly [number, Files])[];
let reads: number;
let refusal: Error | undefined;
let listed: () => Promise<Pick<ContainerSummary, 'Id'>[]>;

beforeEach(() => {
  jest.useFakeTimers();
  cgroups = new KeyedMutex();
  updates = new CgroupUpdates(directory.path('cgroups'));
  [kernel, written, reads, refusal] = [new Map(), [], 0, undefined];
  listed = () => Promise.resolve([]);
  keeper = aKeeper();
});

afterEach(() => {
  keeper.stop();
  jest.useRealTimers();
});

function aKeeper(): CgroupKeeper {
  return new CgroupKeeper({
    engine: { listContainers: () => listed() as Promise<ContainerSummary[]> },
    cgroups,
    updates,
    isInContainer: ({ pid }) => kernel.has(pid),
    readCgroupFiles: ({ pid }) => {
      reads += 1;
      return { ...kernel.get(pid) };
    },
    writeCgroupFiles({ pid }, values) {
      written.push([pid, values]);
      if (refusal !== undefined) return Promise.reject(refusal);
      Object.assign(kernel.get(pid) ?? {}, values);
      return Promise.resolve();
    },
    log: silentLog,
  });
}

/** A run of a container, with a cgroup of its own. */
function run(pid: number, cgroupFiles = CREATED_WITH): NodeContainer {
  kernel.set(pid, { 'hugetlb.2MB.max': 'max', 'memory.high': 'max' });
  const status = ContainerStatus.fromPartial({ startedAt: BigInt(pid) });
  return {
    kind: 'container',
    id: 'c',
    name: 'c',
    running: true,
    sandboxId: 's',
    pid,
    cgroupFiles,
    status,
  };
}

const ended = (of: NodeContainer): NodeContainer => ({ ...of, running: false, pid: 0 });
/** Lets everything happen that waits for no time. */
const settle = () => jest.advanceTimersByTimeAsync(0);

it('writes what a container lacks that runs when it is first seen, once', async () => {
  const found = run(7);
  keeper.onChange(undefined, found);
  keeper.onChange(found, { ...found });
  await settle();
  expect(written).toEqual([[7, CREATED_WITH]]);
});

it('writes what a new run lacks, with what updates have asked for', async () => {
  const first = run(7);
  keeper.onChange(undefined, first);
  await settle();
  await updates.record('c', { 'memory.high': '4096' });
  keeper.onChange(first, ended(first));
  keeper.onChange(ended(first), run(8));
  await settle();
  expect(written).toEqual([
    [7, CREATED_WITH],
    [8, { ...CREATED_WITH, 'memory.high': '4096' }],
  ]);
});

it('knows a run by its start, when the process number is the same again', async () => {
  const first = run(7);
  keeper.onChange(undefined, first);
  await settle();
  const second = { ...run(7), status: ContainerStatus.fromPartial({ startedAt: 9n }) };
  keeper.onChange(first, second);
  await settle();
  expect(written).toHaveLength(2);
});

it('writes what was asked for by an update alone', async () => {
  await updates.record('c', { 'memory.high': '4096' });
  keeper.onChange(undefined, run(7, {}));
  await settle();
  expect(written).toEqual([[7, { 'memory.high': '4096' }]]);
});

it('asks the kernel nothing for a container of which nothing was asked', async () => {
  keeper.onChange(undefined, run(7, {}));
  await settle();
  expect([reads, written]).toEqual([0, []]);
});

it('leaves alone what is in force, and a process that is not the container’s any more', async () => {
  const found = run(7);
  kernel.set(7, { ...CREATED_WITH });
  keeper.onChange(undefined, found);
  await settle();
  const gone = run(8);
  kernel.delete(8);
  keeper.onChange(found, gone);
  await settle();
  expect(written).toEqual([]);
});

it('waits for a start that is under way, and finds nothing left to do', async () => {
  const found = run(7);
  let finish!: () => void;
  const starting = cgroups.run({ signal: new AbortController().signal, log: silentLog }, 'c', async () => {
    await new Promise<void>((resolve) => (finish = resolve));
    kernel.set(7, { ...CREATED_WITH });
  });
  keeper.onChange(undefined, found);
  await settle();
  expect(reads).toBe(0);
  finish();
  await starting;
  await settle();
  expect([reads, written]).toEqual([1, []]);
});

it('tries again what failed, until it is done', async () => {
  refusal = new Error('busy');
  keeper.onChange(undefined, run(7));
  await settle();
  expect(written).toHaveLength(1);
  refusal = undefined;
  await jest.advanceTimersByTimeAsync(60_000);
  expect(written).toHaveLength(2);
  expect(kernel.get(7)).toMatchObject(CREATED_WITH);
});

it.each<[string, (of: NodeContainer) => void]>([
  ['ended', (of) => keeper.onChange(of, ended(of))],
  ['was removed', (of) => keeper.onChange(of, undefined)],
  ['was started anew', (of) => keeper.onChange(of, run(8))],
  ['is no affair of a shim that stops', () => keeper.stop()],
])('tries no longer for a run that %s', async (_what, change) => {
  refusal = new Error('busy');
  const found = run(7);
  keeper.onChange(undefined, found);
  await settle();
  change(found);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(written.filter(([pid]) => pid === 7)).toHaveLength(1);
});

it('forgets the updates of a container that is removed', async () => {
  jest.useRealTimers();
  await updates.record('c', { 'memory.high': '4096' });
  keeper.onChange(run(7), undefined);
  expect(updates.ids()).toEqual([]);
});

it('forgets those that were removed while there was no shim, when the engine answers', async () => {
  await updates.record('gone', { 'memory.high': '4096' });
  await updates.record('there', { 'memory.high': '4096' });
  updates = new CgroupUpdates(directory.path('cgroups'));
  keeper = aKeeper();
  listed = () => Promise.reject(new Error('away'));
  await keeper.start();
  await settle();
  expect(updates.ids().sort()).toEqual(['gone', 'there']);
  listed = () => Promise.resolve([{ Id: 'there' }]);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(updates.ids()).toEqual(['there']);
});
