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
/** A turn has two checks. Docker's own work in the background comes and goes: several turns, and their median. */
const RELISTS_PER_TURN = 20;
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
    const shares: { shim: number[]; peer: number[] } = { shim: [], peer: [] };
    for (let turn = 1; turn <= TURNS; turn += 1) {
      bench.progress(`steady state with ${bench.crowd.size} pods, turn ${turn} of ${TURNS}`);
      shares.shim.push(await stopped(peer?.pid, () => shareWhileAsked(bench, shim.cri, [shim.pid, engine])));
      if (peer) shares.peer.push(await stopped(shim.pid, () => shareWhileAsked(bench, peer.cri, [peer.pid, engine])));
    }
    return [table(bench, median(shares.shim), peer && median(shares.peer))];
  },
};

/** The share of one processor that the processes take together while a kubelet asks, in percent. */
async function shareWhileAsked(bench: Workbench, cri: CriClient, pids: readonly number[]): Promise<number> {
  const timeTaken = async (): Promise<number> =>
    (await Promise.all(pids.map(processorTimeOf))).reduce((sum, time) => sum + time);
  const [began, before] = [performance.now(), await timeTaken()];
  for (let relist = 1; relist <= RELISTS_PER_TURN; relist += 1) {
    await relistOnce(cri);
    if (relist % RELISTS_PER_EVICTION_CHECK === 0) await evictionCheck(cri);
    await sleep(Math.max(0, began + relist * RELIST_MS - performance.now()), undefined, { signal: bench.signal });
  }
  return (100 * ((await timeTaken()) - before)) / (performance.now() - began);
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

function table(bench: Workbench, shim: number, peer: number | undefined): Table {
  const row: Cell[] = [bench.crowd.size, shim];
  return {
    title: "The kubelet's steady state: processor time of the runtime and of dockerd, % of one processor",
    columns: ['pods', 'shim', ...(peer === undefined ? [] : ['peer', 'shim / peer'])],
    rows: [peer === undefined ? row : [...row, peer, shim / peer]],
  };
}
