import { spawn } from 'node:child_process';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  ExecRequest,
  ExecSyncRequest,
  RuntimeServiceService as runtime,
  VersionRequest,
} from '../../generated/runtime/v1/api';
import { connectSpdy } from '../support/remote-command-client';
import { median, quantile, timed } from './figures';
import { makePod, removePod, type Pod } from './pod';
import { memoryOf } from './proc';
import { sideBySide } from './side-by-side';
import type { Subject } from './subject';
import type { Cell, Table } from './table';
import type { Workbench } from './workbench';

const MIB = 1024 * 1024;
const BULK_MIB = 256;
const ROUNDS = 5;
/** How often each of idle and busy has its turn, and how many calls it has then. */
const VERSION_TURNS = 8;
const VERSION_CALLS = 150;
const EXECS_AT_ONCE = 4;

/** Commands in containers: how fast their output comes, what it costs other calls, and what many of them leave behind. */
export const execStream: Subject = {
  name: 'exec',
  async alone(bench) {
    const pod = await makePod(bench.shim.cri, bench.kind);
    try {
      return [await throughput(bench, pod), await besideBulk(bench, pod), await manyExecs(bench, pod)];
    } finally {
      await removePod(bench.shim.cri, pod);
    }
  },
};

/** Through the shim and, in turns with it, straight from the engine. */
async function throughput(bench: Workbench, pod: Pod): Promise<Table> {
  const cmd = ['/bin/busybox', 'dd', 'if=/dev/zero', 'bs=1M', `count=${BULK_MIB}`];
  const shim: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bench.signal.throwIfAborted();
    bench.progress(`exec: output of ${BULK_MIB} MiB, round ${round + 1} of ${ROUNDS}`);
    bare.push(await timed(async () => drained(await bareExec(bench, pod, cmd))));
    shim.push(await timed(async () => drained(await shimExec(bench, pod, cmd))));
  }
  const rate = (times: readonly number[]): number => (BULK_MIB * MIB) / 1000 / median(times);
  return {
    title: `Output of a command, p50 of ${ROUNDS} in MB/s`,
    columns: ['', 'shim, SPDY', 'bare hijacked exec', 'shim / bare'],
    rows: [[`${BULK_MIB} MiB`, rate(shim), rate(bare), rate(shim) / rate(bare)]],
  };
}

/**
 * How long a call of no work takes while nothing else goes on, and while a stream runs at full speed. The same stream
 * without the shim shows what of that is the machine's doing. Shim, engine, command, reader and caller are processes of
 * their own, and share its processors.
 */
async function besideBulk(bench: Workbench, pod: Pod): Promise<Table> {
  const cmd = ['/bin/busybox', 'cat', '/dev/zero'];
  const idle: number[] = [];
  const machine: number[] = [];
  const busy: number[] = [];
  for (let turn = 0; turn < VERSION_TURNS; turn += 1) {
    bench.progress(`exec: Version beside a bulk stream, turn ${turn + 1} of ${VERSION_TURNS}`);
    idle.push(...(await versionTimes(bench)));
    machine.push(...(await versionTimesBeside(bench, await bareExec(bench, pod, cmd))));
    busy.push(...(await versionTimesBeside(bench, await shimExec(bench, pod, cmd))));
  }
  const row = (name: string, times: readonly number[]): Cell[] => {
    const [p50, p95] = [0.5, 0.95].map((share) => quantile(times, share) / quantile(idle, share));
    return [name, median(times), quantile(times, 0.95), p50, p95];
  };
  return {
    title: `Version, ${VERSION_TURNS * VERSION_CALLS} calls, ms`,
    columns: ['', 'p50', 'p95', 'p50 / idle', 'p95 / idle'],
    rows: [
      row('idle', idle),
      row('beside a bulk stream of the engine', machine),
      row('beside a bulk stream of the shim', busy),
    ],
  };
}

async function versionTimesBeside(bench: Workbench, bulk: Duplex): Promise<number[]> {
  // Another process reads it, so that this one has its time for the calls.
  const reader = spawn('cat', [], { stdio: [bulk, 'ignore', 'ignore'] });
  try {
    return await versionTimes(bench);
  } finally {
    reader.kill();
    bulk.destroy();
  }
}

async function versionTimes(bench: Workbench): Promise<number[]> {
  const times: number[] = [];
  for (let call = -20; call < VERSION_CALLS; call += 1) {
    bench.signal.throwIfAborted();
    const ms = await timed(() => bench.shim.cri.call(runtime.version, VersionRequest.fromPartial({})));
    if (call >= 0) times.push(ms);
  }
  return times;
}

/** Every other one streamed. The memory is looked at after each fifth. */
async function manyExecs(bench: Workbench, pod: Pod): Promise<Table> {
  const { execs } = bench.options;
  const rows: Cell[][] = [];
  const look = async (done: number): Promise<void> => {
    const { rss, privateDirty } = await memoryOf(bench.shim.pid);
    rows.push([done, rss, privateDirty]);
  };
  await look(0);
  for (let fifth = 1; fifth <= 5; fifth += 1) {
    bench.progress(`exec: ${execs} commands, ${fifth} fifths`);
    const numbers = Array.from({ length: Math.ceil(execs / 5) }, (_, index) => index);
    await sideBySide(EXECS_AT_ONCE, numbers, (number) => oneExec(bench, pod, number % 2 === 0));
    await look(fifth * numbers.length);
  }
  return { title: 'Memory of the shim after so many commands, MB', columns: ['commands', 'RSS', 'private'], rows };
}

async function oneExec(bench: Workbench, { containerId }: Pod, streamed: boolean): Promise<void> {
  bench.signal.throwIfAborted();
  const cmd = ['/bin/busybox', 'true'];
  if (!streamed) {
    await bench.shim.cri.call(runtime.execSync, ExecSyncRequest.fromPartial({ containerId, cmd }));
    return;
  }
  const { url } = await bench.shim.cri.call(runtime.exec, ExecRequest.fromPartial({ containerId, cmd, stdout: true }));
  const client = await connectSpdy(url, { stdout: true });
  await client.finished();
  await client.closed();
}

/** A command's output through the shim as it comes over the wire, when its streams are there. */
async function shimExec(bench: Workbench, { containerId }: Pod, cmd: string[]): Promise<Duplex> {
  const { url } = await bench.shim.cri.call(runtime.exec, ExecRequest.fromPartial({ containerId, cmd, stdout: true }));
  const { spdy } = await connectSpdy(url, { stdout: true });
  // What comes is counted and not taken apart, as on the other side.
  return spdy.socket.removeAllListeners('data').pause();
}

async function bareExec(bench: Workbench, { containerId }: Pod, cmd: string[]): Promise<Duplex> {
  const body = JSON.stringify({ Cmd: cmd, AttachStdout: true });
  const { Id: id } = (await bench.engine.call('POST', `/containers/${containerId}/exec`, body)) as { Id: string };
  const start = JSON.stringify({ Detach: false, Tty: false });
  return await new Promise((resolve, reject) => {
    const outgoing = request({
      socketPath: bench.engine.socket,
      method: 'POST',
      path: `/exec/${id}/start`,
      headers: {
        host: 'docker',
        connection: 'Upgrade',
        upgrade: 'tcp',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(start),
      },
    });
    outgoing.once('upgrade', (_answer, socket, head) => {
      socket.unshift(head);
      resolve(socket);
    });
    outgoing.once('error', reject);
    outgoing.end(start);
  });
}

/** Reads until the whole output has come. */
async function drained(connection: Duplex): Promise<void> {
  let bytes = 0;
  for await (const chunk of connection as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes >= BULK_MIB * MIB) return;
  }
  throw new Error(`only ${bytes} bytes came`);
}
