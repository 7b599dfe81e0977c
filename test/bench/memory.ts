import {
  ListContainersRequest,
  ListPodSandboxRequest,
  RuntimeServiceService as runtime,
} from '../../generated/runtime/v1/api';
import { memoryOf } from './proc';
import type { Subject } from './subject';
import type { Table } from './table';
import type { Workbench } from './workbench';

const LISTS = 2_000;

/** The memory of the shim's process, at start and with pods. */
export const memory: Subject = {
  name: 'memory',
  async alone(bench) {
    await bench.restartShim();
    return [await measured(bench, 'after its start')];
  },
  async atLevel(bench) {
    const before = await measured(bench, 'after the calls before');
    bench.progress(`memory with ${bench.crowd.size} pods: ${LISTS} lists`);
    for (let list = 0; list < LISTS / 2; list += 1) {
      bench.signal.throwIfAborted();
      await bench.shim.cri.call(runtime.listPodSandbox, ListPodSandboxRequest.fromPartial({}));
      await bench.shim.cri.call(runtime.listContainers, ListContainersRequest.fromPartial({}));
    }
    return [before, await measured(bench, `after ${LISTS} lists`)];
  },
};

async function measured(bench: Workbench, when: string): Promise<Table> {
  const { rss, privateDirty, peak } = await memoryOf(bench.shim.pid);
  return {
    title: "Memory of the shim's process, MB",
    columns: ['pods', '', 'RSS', 'private dirty', 'peak RSS'],
    rows: [[bench.crowd.size, when, rss, privateDirty, peak]],
  };
}
