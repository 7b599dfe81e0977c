import { randomUUID } from 'node:crypto';
import { createsIn, type RecordedCreates } from './bare-life';
import { EngineTap, type TappedCall } from './engine-tap';
import { median } from './figures';
import { LIFE, liveThrough, type LifeStep, type LifeTimes } from './life';
import type { Table } from './table';
import type { Workbench } from './workbench';

const TRACED_LIVES = 10;

interface TracedLife {
  readonly times: LifeTimes;
  readonly calls: ReadonlyMap<LifeStep, readonly TappedCall[]>;
}

/** Lives of pods through a shim that has a tap between itself and the engine. */
export interface RecordedLives {
  readonly creates: RecordedCreates;
  readonly lives: readonly TracedLife[];
}

/** @param flags of the shim whose pods they are */
export async function recordLives(bench: Workbench, flags: readonly string[] = []): Promise<RecordedLives> {
  const tap = new EngineTap(bench.pathOf('tap.sock'), bench.engine.socket);
  await tap.listen();
  const shim = await bench.startShim('tapped-shim', tap.socket, flags);
  try {
    // The first life also asks what is asked once: the engine's version, the pause image.
    await liveThrough(shim.cri, bench.kind);
    tap.take();
    const uid = randomUUID();
    const lives = [await traced(tap, (after) => liveThrough(shim.cri, bench.kind, uid, after))];
    const creates = createsIn([...(lives[0]?.calls.values() ?? [])].flat(), uid);
    while (lives.length < TRACED_LIVES) {
      bench.signal.throwIfAborted();
      lives.push(await traced(tap, (after) => liveThrough(shim.cri, bench.kind, randomUUID(), after)));
    }
    return { creates, lives };
  } finally {
    await shim.stop();
    tap.close();
  }
}

async function traced(
  tap: EngineTap,
  live: (after: (step: LifeStep) => void) => Promise<LifeTimes>,
): Promise<TracedLife> {
  const calls = new Map<LifeStep, TappedCall[]>();
  const times = await live((step) => void calls.set(step, tap.take()));
  return { times, calls };
}

/** What each step asks of Docker, and how long it takes with that and beside it. */
export function traceTable({ lives }: RecordedLives): Table {
  return {
    title: `The Docker calls of that life, p50 of ${lives.length} lives in ms (through a tap, which takes time too)`,
    columns: ['', 'whole', 'in Docker', 'beside', 'calls'],
    rows: LIFE.map((step) => {
      const whole = median(lives.map((life) => life.times.get(step) ?? Number.NaN));
      const inDocker = median(lives.map((life) => covered(callsOf(life, step))));
      return [step, whole, inDocker, whole - inDocker, callList(lives.map((life) => callsOf(life, step)))];
    }),
  };
}

function callsOf(life: TracedLife, step: LifeStep): readonly TappedCall[] {
  return life.calls.get(step) ?? [];
}

/** How long at least one of the calls was under way, in milliseconds: the index asks while the verb does. */
function covered(calls: readonly TappedCall[]): number {
  let [total, until] = [0, 0];
  for (const { began, ms } of [...calls].sort((one, other) => one.began - other.began)) {
    const end = began + ms;
    total += Math.max(0, end - Math.max(began, until));
    until = Math.max(until, end);
  }
  return total;
}

/** The calls of most lives, each with its median: what is asked now and then is left out. */
function callList(lives: readonly (readonly TappedCall[])[]): string {
  const times = new Map<string, number[]>();
  for (const call of lives.flat()) {
    const shape = shapeOf(call);
    times.set(shape, [...(times.get(shape) ?? []), call.ms]);
  }
  return [...times]
    .filter(([, all]) => all.length > lives.length / 2)
    .map(([shape, all]) => `${shape} ${median(all).toFixed(1)}`)
    .join(', ');
}

function shapeOf({ method, path }: TappedCall): string {
  const shape = path
    .replace(/\?.*$/, '')
    .replace(/^\/containers\/[0-9a-f]{64}/, '/containers/ID')
    .replace(/^\/images\/.+(?=\/json$)/, '/images/NAME');
  return `${method} ${shape}`;
}
