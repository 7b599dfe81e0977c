import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  ListContainersRequest,
  ListPodSandboxRequest,
  RuntimeServiceService as runtime,
} from '../../generated/runtime/v1/api';
import { median, timed } from './figures';
import { processorTimeOf } from './proc';
import type { Subject } from './subject';
import type { Table } from './table';
import type { Workbench } from './workbench';

const RESTARTS = 5;

const execFileAsync = promisify(execFile);

/**
 * From the start of the process to its first answers, without pods and with pods that run already; beside it, how long
 * Node takes to do nothing.
 */
export const startTime: Subject = {
  name: 'start',
  alone: async (bench) => [await restarts(bench)],
  atLevel: async (bench) => [await restarts(bench)],
};

async function restarts(bench: Workbench): Promise<Table> {
  bench.progress(`start with ${bench.crowd.size} pods`);
  const node: number[] = [];
  const version: number[] = [];
  const processorTime: number[] = [];
  const sandboxes: number[] = [];
  const containers: number[] = [];
  for (let restart = 0; restart < RESTARTS; restart += 1) {
    bench.signal.throwIfAborted();
    node.push(await timed(() => execFileAsync(process.execPath, ['-e', ''])));
    const { cri, firstAnswerMs, pid } = await bench.restartShim();
    version.push(firstAnswerMs);
    processorTime.push(await processorTimeOf(pid));
    sandboxes.push(await timed(() => cri.call(runtime.listPodSandbox, ListPodSandboxRequest.fromPartial({}))));
    containers.push(await timed(() => cri.call(runtime.listContainers, ListContainersRequest.fromPartial({}))));
  }
  return {
    title: `The start of the shim, p50 of ${RESTARTS} in ms`,
    columns: ['pods', 'node alone', 'to the first answer', 'processor time', 'first ListPodSandbox', 'ListContainers'],
    rows: [[bench.crowd.size, ...[node, version, processorTime, sandboxes, containers].map(median)]],
  };
}
