import {
  ListContainersRequest,
  ListContainerStatsRequest,
  ListPodSandboxRequest,
  RuntimeServiceService as runtime,
} from '../../generated/runtime/v1/api';
import type { CriClient } from '../support/cri-client';
import { memoryOf } from './proc';
import type { Subject } from './subject';
import type { Cell, Table } from './table';
import type { Workbench } from './workbench';

/** A quarter of an hour of a kubelet's relists, and its eviction manager's measurements in that time. */
const RELISTS = 1_000;
const RELISTS_PER_EVICTION_CHECK = 10;

/** The memory of the shim's process and of the peer's, at start and with pods. */
export const memory: Subject = {
  name: 'memory',
  async alone(bench) {
    await bench.restartShim();
    return [await measured(bench, 'after its start')];
  },
  async atLevel(bench) {
    const before = await measured(bench, 'after the calls before');
    bench.progress(`memory with ${bench.crowd.size} pods: ${RELISTS} relists`);
    for (let relist = 1; relist <= RELISTS; relist += 1) {
      bench.signal.throwIfAborted();
      const check = relist % RELISTS_PER_EVICTION_CHECK === 0;
      await asked(bench.shim.cri, check);
      if (bench.peer !== undefined) await asked(bench.peer.cri, check);
    }
    return [before, await measured(bench, `after ${RELISTS} relists`)];
  },
};

async function asked(cri: CriClient, check: boolean): Promise<void> {
  await cri.call(runtime.listPodSandbox, ListPodSandboxRequest.fromPartial({}));
  await cri.call(runtime.listContainers, ListContainersRequest.fromPartial({}));
  if (check) await cri.call(runtime.listContainerStats, ListContainerStatsRequest.fromPartial({}));
}

async function measured(bench: Workbench, when: string): Promise<Table> {
  const { rss, privateDirty, peak } = await memoryOf(bench.shim.pid);
  const shim: Cell[] = [bench.crowd.size, when, rss, privateDirty, peak];
  const columns = ['pods', '', 'RSS', 'private dirty', 'peak RSS'];
  const title = 'Memory of the process, MB';
  if (bench.peer === undefined) return { title, columns, rows: [shim] };
  const peer = await memoryOf(bench.peer.pid);
  return {
    title,
    columns: [...columns, 'peer RSS', 'private dirty', 'peak RSS', 'peak shim / peer'],
    rows: [[...shim, peer.rss, peer.privateDirty, peer.peak, peak / peer.peak]],
  };
}
