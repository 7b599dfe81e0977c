import { randomUUID } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ContainerState,
  ContainerStatusRequest,
  CreateContainerRequest,
  RuntimeServiceService as runtime,
} from '../../generated/runtime/v1/api';
import { containerConfig, removeSandbox, runSandbox, sandboxConfig, startContainer } from './pod';
import { memoryOf, processorTimeOf } from './proc';
import type { Subject } from './subject';
import type { Cell, Table } from './table';
import type { Workbench } from './workbench';

/** A line with its newline is so long, as an access log's may be. */
const LINE_BYTES = 100;
const LOOK_EVERY_MS = 5;

/** A container that logs as fast as Docker takes it, and what it costs to carry that away. */
export const logs: Subject = {
  name: 'logs',
  async alone(bench) {
    const rows = [await unread(bench), await throughEngine(bench), await throughShim(bench)];
    const table: Table = {
      title: `${bench.options.logMegabytes} MB of output at full speed, in lines of ${LINE_BYTES} bytes`,
      columns: ['', 's', 'lag, ms', 'dockerd, CPU s/GB', 'reader, CPU s/GB', 'lines missing', 'RSS after, MB'],
      rows,
    };
    return [table];
  },
};

const lineCount = (bench: Workbench): number => bench.options.logMegabytes * (1_000_000 / LINE_BYTES);
const script = (bench: Workbench): string =>
  `/bin/busybox yes ${'x'.repeat(LINE_BYTES - 1)} | /bin/busybox head -n ${lineCount(bench)}`;

/** What Docker needs by itself. */
async function unread(bench: Workbench): Promise<Cell[]> {
  bench.progress('logs: nobody reads them');
  const id = await bareContainer(bench);
  const { seconds, dockerd } = await measured(bench, async () => {
    await bench.engine.call('POST', `/containers/${id}/start`);
    await bench.engine.call('POST', `/containers/${id}/wait`);
  });
  await bench.engine.call('DELETE', `/containers/${id}?force=1`);
  return ['nobody reads it', seconds, undefined, dockerd, undefined, undefined, undefined];
}

/** `docker logs --follow`, whose reader throws it away. */
async function throughEngine(bench: Workbench): Promise<Cell[]> {
  bench.progress("logs: through the engine's API");
  const id = await bareContainer(bench);
  const before = process.cpuUsage();
  const { seconds, dockerd } = await measured(bench, async () => {
    await bench.engine.call('POST', `/containers/${id}/start`);
    await followed(bench, id);
  });
  const { user, system } = process.cpuUsage(before);
  await bench.engine.call('DELETE', `/containers/${id}?force=1`);
  return ['docker logs --follow, thrown away', seconds, undefined, dockerd, perGigabyte(bench, (user + system) / 1e6)];
}

async function throughShim(bench: Workbench): Promise<Cell[]> {
  bench.progress('logs: through the shim');
  const uid = randomUUID();
  const { cri, pid } = bench.shim;
  const sandboxId = await runSandbox(cri, bench.kind, uid);
  const config = { ...containerConfig(bench.kind, uid), command: ['/bin/busybox', 'sh', '-c', script(bench)] };
  const create = { podSandboxId: sandboxId, config, sandboxConfig: sandboxConfig(bench.kind, uid) };
  const { containerId } = await cri.call(runtime.createContainer, CreateContainerRequest.fromPartial(create));
  const before = await processorTimeOf(pid);
  let lag = 0;
  const { seconds, dockerd } = await measured(bench, async () => {
    await startContainer(cri, containerId);
    await bench.engine.call('POST', `/containers/${containerId}/wait`);
    const ended = performance.now();
    // CRI tells of the end when the log is complete.
    while (!(await hasExited(bench, containerId))) await sleep(LOOK_EVERY_MS, undefined, { signal: bench.signal });
    lag = performance.now() - ended;
  });
  const took = (await processorTimeOf(pid)) - before;
  const missing = lineCount(bench) - (await linesIn(`${bench.kind.logDirectory}/${uid}/sleeper/0.log`));
  const { rss } = await memoryOf(pid);
  await removeSandbox(cri, sandboxId);
  return ['the shim, into the CRI log', seconds, lag, dockerd, perGigabyte(bench, took / 1000), missing, rss];
}

async function hasExited({ shim }: Workbench, containerId: string): Promise<boolean> {
  const request = ContainerStatusRequest.fromPartial({ containerId });
  const { status } = await shim.cri.call(runtime.containerStatus, request);
  return status?.state === ContainerState.CONTAINER_EXITED;
}

/** The same container, with the same log, without a pod. */
async function bareContainer(bench: Workbench): Promise<string> {
  const body = {
    Image: bench.kind.image,
    Labels: { 'io.kubernetes.pod.namespace': bench.kind.namespace },
    Cmd: ['/bin/busybox', 'sh', '-c', script(bench)],
    HostConfig: {
      NetworkMode: 'none',
      LogConfig: { Type: 'json-file', Config: { 'max-size': '8388608', 'max-file': '8' } },
    },
  };
  const made = (await bench.engine.call('POST', '/containers/create', JSON.stringify(body))) as { Id: string };
  return made.Id;
}

function followed(bench: Workbench, id: string): Promise<void> {
  const path = `/containers/${id}/logs?follow=1&stdout=1&stderr=1&timestamps=1`;
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: bench.engine.socket, path, headers: { host: 'docker' } }, (answer) => {
      answer.resume().once('end', resolve).once('error', reject);
    });
    outgoing.once('error', reject).end();
  });
}

async function measured(bench: Workbench, work: () => Promise<void>): Promise<{ seconds: number; dockerd: Cell }> {
  bench.signal.throwIfAborted();
  const daemon = theDaemon();
  const before = daemon === undefined ? 0 : await processorTimeOf(daemon);
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  if (daemon === undefined) return { seconds, dockerd: undefined };
  return { seconds, dockerd: perGigabyte(bench, ((await processorTimeOf(daemon)) - before) / 1000) };
}

/** The process of dockerd, when there is but one. */
function theDaemon(): number | undefined {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && nameOf(name) === 'dockerd');
  return pids.length === 1 ? Number(pids[0]) : undefined;
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

async function linesIn(path: string): Promise<number> {
  let lines = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  }
  return lines;
}

const perGigabyte = (bench: Workbench, seconds: number): number => (seconds * 1000) / bench.options.logMegabytes;
