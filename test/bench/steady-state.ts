import { setTimeout as sleep } from 'node:timers/promises';
import {
  ImageFsInfoRequest,
  ImageServiceService as images,
  ListContainersRequest,
  ListContainerStatsRequest,
  ListPodSandboxRequest,
  RuntimeServiceService as runtime,
} from '../../generated/runtime/v1/api';
import type { CriClient } from '../support/cri-client';
import { median } from './figures';
import { processorTimeOf } from './proc';
import type { Subject } from './subject';
import type { Cell, Table } from './table';
import type { Workbench } from './workbench';

/** The kubelet's generic PLEG asks once a second what there is; its eviction manager measures every 10 s. */
const RELIST_MS = 1_000;
const RELISTS_PER_EVICTION_CHECK = 10;
/**
 * What a kubelet asks in its first half hour, at once, and then time to tidy up: a daemon has run for days, its code is
 * compiled and its heap has shrunk to what it needs.
 */
const WARM_UP_RELISTS = 2_000;
const SETTLING_MS = 30_000;
/** Before what is measured: the engine finishes what the other runtime's calls have left it to do. */
const RELISTS_BEFORE_TURN = 10;
/** Whole minutes: what a runtime does once a minute is in each turn, once. Several turns, for a median. */
const RELISTS_PER_TURN = 60;
const TURNS = 3;

/**
 * What a node pays while nothing happens on it: the processor time of the runtime and of Docker's daemon while they answer a
 * kubelet. The other runtime is held still meanwhile (SIGSTOP), since what it does in the background would be counted too.
 */
export const steadyState: Subject = {
  name: 'steady',
  async atLevel(bench) {
    const engine = bench.enginePid;
    const shim = { cri: bench.shim.cri, pid: bench.shim.pid };
    const peer = bench.peer;
    for (const { cri } of peer ? [shim, peer] : [shim]) await warmUp(bench, cri);
    await sleep(SETTLING_MS, undefined, { signal: bench.signal });
    const shares: { shim: Share[]; peer: Share[] } = { shim: [], peer: [] };
    for (let turn = 1; turn <= TURNS; turn += 1) {
      bench.progress(`steady state with ${bench.crowd.size} pods, turn ${turn} of ${TURNS}`);
      shares.shim.push(await stopped(peer?.pid, () => shareWhileAsked(bench, shim.cri, shim.pid, engine)));
      if (peer) shares.peer.push(await stopped(shim.pid, () => shareWhileAsked(bench, peer.cri, peer.pid, engine)));
    }
    return [table(bench, shares.shim, shares.peer)];
  },
};

async function warmUp(bench: Workbench, cri: CriClient): Promise<void> {
  bench.progress(`steady state with ${bench.crowd.size} pods: ${WARM_UP_RELISTS} relists to warm up`);
  for (let relist = 1; relist <= WARM_UP_RELISTS; relist += 1) {
    bench.signal.throwIfAborted();
    await relistOnce(cri);
    if (relist % RELISTS_PER_EVICTION_CHECK === 0) await evictionCheck(cri);
  }
}

/** What processes take of one processor, in percent. */
interface Share {
  readonly runtime: number;
  readonly engine: number;
}

/** As a kubelet asks: once a second, and at every tenth time for the numbers too. */
async function ask(bench: Workbench, cri: CriClient, relists: number): Promise<void> {
  const began = performance.now();
  for (let relist = 1; relist <= relists; relist += 1) {
    await relistOnce(cri);
    if (relist % RELISTS_PER_EVICTION_CHECK === 0) await evictionCheck(cri);
    await sleep(Math.max(0, began + relist * RELIST_MS - performance.now()), undefined, { signal: bench.signal });
  }
}

/** What the runtime and the engine take while a kubelet asks. */
async function shareWhileAsked(
  bench: Workbench,
  cri: CriClient,
  runtimePid: number,
  enginePid: number,
): Promise<Share> {
  const timesTaken = (): Promise<[number, number]> =>
    Promise.all([processorTimeOf(runtimePid), processorTimeOf(enginePid)]);
  await ask(bench, cri, RELISTS_BEFORE_TURN);
  const [began, before] = [performance.now(), await timesTaken()];
  await ask(bench, cri, RELISTS_PER_TURN);
  const [after, seconds] = [await timesTaken(), (performance.now() - began) / 1000];
  const percent = (at: 0 | 1): number => (after[at] - before[at]) / 10 / seconds;
  return { runtime: percent(0), engine: percent(1) };
}

async function relistOnce(cri: CriClient): Promise<void> {
  await cri.call(runtime.listPodSandbox, ListPodSandboxRequest.fromPartial({}));
  await cri.call(runtime.listContainers, ListContainersRequest.fromPartial({}));
}

async function evictionCheck(cri: CriClient): Promise<void> {
  await relistOnce(cri);
  await cri.call(runtime.listContainerStats, ListContainerStatsRequest.fromPartial({}));
  await cri.call(images.imageFsInfo, ImageFsInfoRequest.fromPartial({}));
}

async function stopped<T>(pid: number | undefined, work: () => Promise<T>): Promise<T> {
  if (pid === undefined) return await work();
  process.kill(pid, 'SIGSTOP');
  try {
    return await work();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

function table(bench: Workbench, shim: readonly Share[], peer: readonly Share[]): Table {
  const both = (of: readonly Share[]): number => median(of.map(({ runtime, engine }) => runtime + engine));
  const cells = (of: readonly Share[]): Cell[] => [
    median(of.map((share) => share.runtime)),
    median(of.map((share) => share.engine)),
    both(of),
  ];
  const withPeer = peer.length > 0;
  return {
    title: "The kubelet's steady state: processor time of the runtime and of dockerd, % of one processor",
    columns: [
      ...['pods', 'shim', 'dockerd', 'both'],
      ...(withPeer ? ['peer', 'dockerd', 'both', 'both, shim / peer'] : []),
    ],
    rows: [[bench.crowd.size, ...cells(shim), ...(withPeer ? [...cells(peer), both(shim) / both(peer)] : [])]],
  };
}
