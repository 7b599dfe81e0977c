import { spawnSync } from 'node:child_process';
import { inspect } from '../support/engine-under-test';
import { PodProgram, type PROGRAMS } from '../support/pod-program';
import { median, timed } from './figures';
import { makePod, removePod } from './pod';
import { throughConnector, throughRuntime, throughSocat, type WayIn } from './ways-into-pod';
import type { Subject } from './subject';
import type { Cell, Table } from './table';
import type { Workbench } from './workbench';

const MIB = 1024 * 1024;
const BULK = 512 * MIB;
const BULK_ROUNDS = 5;
const CONNECTIONS = 200;
/** Rounds that are not counted: a daemon has run for days, and its code is compiled. */
const WARM_UP = 50;

/**
 * Port-forward into a pod that was connected to before: what the shim does to reach a port, and what other runtimes do,
 * nsenter and socat for each connection, side by side; then the whole shim with SPDY, which comes on top for the others
 * too, and the whole of the peer.
 */
export const portForward: Subject = {
  name: 'port-forward',
  async alone(bench) {
    if (spawnSync('socat', ['-V']).error !== undefined) {
      bench.progress('port-forward: socat is not installed, so there is nothing to compare with');
      return [];
    }
    const pod = await makePod(bench.shim.cri, bench.kind);
    try {
      const { Pid: pid } = (await inspect(pod.sandboxId)).State;
      const connector = await throughConnector(pid, bench.pathOf('dockershim.js'));
      const ways = [connector, throughSocat(pid), await throughRuntime(bench.shim.cri, pod.sandboxId)];
      if (bench.peer !== undefined) ways.push(await throughRuntime(bench.peer.cri, pod.sandboxId));
      const tables = [await connections(bench, pod.sandboxId, ways), await bulk(bench, pod.sandboxId, ways)];
      for (const way of ways) await way.close();
      return tables;
    } finally {
      await removePod(bench.shim.cri, pod);
    }
  },
};

/** The connector, socat, the shim and perhaps the peer. */
type Ways = readonly WayIn[];

const COLUMNS = ['', 'connector', 'nsenter + socat', 'connector / socat', 'shim, SPDY', 'shim / socat'];
const PEER_COLUMNS = ['peer, SPDY', 'shim / peer'];

async function connections(bench: Workbench, sandboxId: string, ways: Ways): Promise<Table> {
  bench.progress(`port-forward: ${CONNECTIONS} connections`);
  const times = await withProgram(sandboxId, 'greet', (port) =>
    inTurns(bench, ways, CONNECTIONS + WARM_UP, async (way) => {
      const began = performance.now();
      const leave = await way.greeted(port);
      const ms = performance.now() - began;
      await leave();
      return ms;
    }),
  );
  const figures = times.map((all) => median(all.slice(WARM_UP)));
  return {
    title: `A new connection to a pod, up to the pod's first byte, p50 of ${CONNECTIONS} in ms`,
    columns: columns(ways),
    rows: [row('connection', figures)],
  };
}

async function bulk(bench: Workbench, sandboxId: string, ways: Ways): Promise<Table> {
  bench.progress(`port-forward: ${BULK / MIB} MiB each way, ${BULK_ROUNDS} rounds`);
  const down = await withProgram(sandboxId, 'zeros', (port) =>
    inTurns(bench, ways, BULK_ROUNDS, (way) => timed(() => way.download(port, BULK))),
  );
  const up = await withProgram(sandboxId, 'count', (port) =>
    inTurns(bench, ways, BULK_ROUNDS, (way) => timed(() => way.upload(port, BULK))),
  );
  const rates = (times: readonly number[][]): number[] => times.map((all) => BULK / 1000 / median(all));
  return {
    title: `${BULK / MIB} MiB over one connection, p50 of ${BULK_ROUNDS} in MB/s`,
    columns: columns(ways),
    rows: [row('from the pod', rates(down)), row('to the pod', rates(up))],
  };
}

async function withProgram<T>(
  sandboxId: string,
  name: keyof typeof PROGRAMS,
  work: (port: number) => Promise<T>,
): Promise<T> {
  const program = await PodProgram.start(sandboxId, name);
  try {
    return await work(program.port);
  } finally {
    program.stop();
  }
}

/** The times of each way, in milliseconds, as `work` answers them. */
async function inTurns(
  bench: Workbench,
  ways: Ways,
  rounds: number,
  work: (way: WayIn) => Promise<number>,
): Promise<number[][]> {
  const times: number[][] = ways.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, way] of ways.entries()) {
      bench.signal.throwIfAborted();
      times[at]?.push(await work(way));
    }
  }
  return times;
}

function columns(ways: Ways): readonly string[] {
  return ways.length === 4 ? [...COLUMNS, ...PEER_COLUMNS] : COLUMNS;
}

function row(name: string, [connector = NaN, socat = NaN, shim = NaN, peer]: readonly number[]): Cell[] {
  const figures = [name, connector, socat, connector / socat, shim, shim / socat];
  return peer === undefined ? figures : [...figures, peer, shim / peer];
}
