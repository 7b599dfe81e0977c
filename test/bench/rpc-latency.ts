import { status } from '@grpc/grpc-js';
import { median, quantile, timed } from './figures';
import { makePod, removePod, type Pod } from './pod';
import { RPC_CALLS, type RpcCall, type Target } from './rpc-calls';
import { STATS_CALLS } from './stats-calls';
import type { Subject } from './subject';
import type { Cell, Table } from './table';
import type { Workbench } from './workbench';

/** Calls of each kind for each runtime: the most, fewer when they take long, but never less than the fewest. */
const MOST_CALLS = 100;
const FEWEST_CALLS = 10;
const ENOUGH_MS = 4_000;
/**
 * A turn is so many calls of one runtime, or as many as take this long. Docker is not done with a call when it is answered:
 * what one runtime has left it to do must not be in all the times of the other.
 */
const CALLS_PER_TURN = 10;
const TURN_MS = 100;
/** Not counted: a daemon has run for days, and its code is compiled. Fewer when they take long. */
const WARM_UP_CALLS = 400;
const FEWEST_WARM_UP_CALLS = 3;
const WARM_UP_MS = 2_000;

/** How long each call takes, through the shim and, in turns with it, through the peer. */
export const rpcLatency = latencySubject('rpc', 'RPCs', RPC_CALLS);

/** The same of what measures pods, containers and images. */
export const statsLatency = latencySubject('stats', 'stats', STATS_CALLS);

type Calls = Readonly<Record<string, RpcCall>>;

function latencySubject(name: string, what: string, calls: Calls): Subject {
  return {
    name,
    async atLevel(bench) {
      const shim = { cri: bench.shim.cri, kind: bench.kind, pod: bench.crowd.one() };
      if (bench.peer === undefined) return [await latencies(bench, what, calls, [shim])];
      const { cri } = bench.peer;
      const pod: Pod = await makePod(cri, bench.kind);
      try {
        return [await latencies(bench, what, calls, [shim, { cri, kind: bench.kind, pod }])];
      } finally {
        await removePod(cri, pod);
      }
    },
  };
}

async function latencies(bench: Workbench, what: string, calls: Calls, targets: readonly Target[]): Promise<Table> {
  const columns = ['', 'calls', 'shim p50', 'p95'];
  const peerColumns = ['peer p50', 'p95', 'p50 shim / peer'];
  const rows: Cell[][] = [];
  for (const [name, call] of Object.entries(calls)) {
    bench.progress(`${what} with ${bench.crowd.size} pods: ${name}`);
    rows.push([name, ...(await figures(bench, call, targets))]);
  }
  return {
    title: `Latency of ${what} with ${bench.crowd.size} pods, ms`,
    columns: targets.length === 1 ? columns : [...columns, ...peerColumns],
    rows,
  };
}

async function figures(bench: Workbench, call: RpcCall, targets: readonly Target[]): Promise<Cell[]> {
  const able: boolean[] = [];
  for (const target of targets) able.push(await implemented(call, target));
  const times = targets.map((): number[] => []);
  const warm = performance.now() + WARM_UP_MS;
  for (let turn = 1; turn <= WARM_UP_CALLS; turn += 1) {
    if (turn > FEWEST_WARM_UP_CALLS && performance.now() > warm) break;
    bench.signal.throwIfAborted();
    for (const [at, target] of targets.entries()) if (able[at]) await call(target);
  }
  const giveUp = performance.now() + ENOUGH_MS * targets.length;
  const isEnough = (of: readonly number[]): boolean =>
    of.length >= MOST_CALLS || (of.length >= FEWEST_CALLS && performance.now() > giveUp);
  while (times.some((of, at) => able[at] && !isEnough(of))) {
    for (const [at, target] of targets.entries()) {
      if (able[at]) times[at]?.push(...(await turnOf(bench, () => call(target))));
    }
  }
  const [shim = [], peer] = times;
  const percentiles = (of: readonly number[]): Cell[] =>
    of.length === 0 ? ['Unimplemented', undefined] : [median(of), quantile(of, 0.95)];
  const ratio = peer && shim.length > 0 && peer.length > 0 ? median(shim) / median(peer) : undefined;
  return [
    Math.max(...times.map((of) => of.length)),
    ...percentiles(shim),
    ...(peer ? [...percentiles(peer), ratio] : []),
  ];
}

async function turnOf(bench: Workbench, call: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + TURN_MS;
  do {
    bench.signal.throwIfAborted();
    times.push(await timed(call));
  } while (times.length < CALLS_PER_TURN && performance.now() < end);
  return times;
}

async function implemented(call: (target: Target) => Promise<unknown>, target: Target): Promise<boolean> {
  try {
    await call(target);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === status.UNIMPLEMENTED) return false;
    throw error;
  }
}
