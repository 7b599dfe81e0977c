import {
  ListContainersRequest,
  ListPodSandboxRequest,
  RuntimeServiceService as runtime,
} from '../../generated/runtime/v1/api';
import { median, timed } from './figures';
import type { Subject } from './subject';
import type { Table } from './table';
import type { Workbench } from './workbench';

const RESTARTS = 5;

/** From the start of the process to its first answers, without pods and with pods that run already. */
export const startTime: Subject = {
  name: 'start',
  alone: async (bench) => [await restarts(bench)],
  atLevel: async (bench) => [await restarts(bench)],
};

async function restarts(bench: Workbench): Promise<Table> {
  bench.progress(`start with ${bench.crowd.size} pods`);
  const version: number[] = [];
  const sandboxes: number[] = [];
  const containers: number[] = [];
  for (let restart = 0; restart < RESTARTS; restart += 1) {
    bench.signal.throwIfAborted();
    const { cri, firstAnswerMs } = await bench.restartShim();
    version.push(firstAnswerMs);
    sandboxes.push(await timed(() => cri.call(runtime.listPodSandbox, ListPodSandboxRequest.fromPartial({}))));
    containers.push(await timed(() => cri.call(runtime.listContainers, ListContainersRequest.fromPartial({}))));
  }
  return {
    title: `The start of the shim, p50 of ${RESTARTS} in ms`,
    columns: ['pods', 'start to first answer (Version)', 'then first ListPodSandbox', 'then first ListContainers'],
    rows: [[bench.crowd.size, median(version), median(sandboxes), median(containers)]],
  };
}
