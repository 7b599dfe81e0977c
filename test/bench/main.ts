import { writeFileSync } from 'node:fs';
import { cniCost } from './cni-cost';
import { execStream } from './exec-stream';
import { lifeCost } from './life-cost';
import { logs } from './logs';
import { memory } from './memory';
import { parseOptions, USAGE, type BenchOptions } from './options';
import { portForward } from './port-forward';
import { Report } from './report';
import { rpcLatency, statsLatency } from './rpc-latency';
import { startTime } from './start-time';
import { steadyState } from './steady-state';
import type { Subject } from './subject';
import type { Table } from './table';
import { Workbench } from './workbench';

/** In the order in which they are measured. */
const SUBJECTS: readonly Subject[] = [
  lifeCost,
  cniCost,
  rpcLatency,
  statsLatency,
  execStream,
  portForward,
  logs,
  steadyState,
  memory,
  startTime,
];

function chosen(options: BenchOptions): readonly Subject[] {
  const unknown = options.only.filter((name) => !SUBJECTS.some((subject) => subject.name === name));
  if (unknown.length > 0) throw new Error(`--only: there is no ${unknown.join(', ')}`);
  return options.only.length === 0 ? SUBJECTS : SUBJECTS.filter((subject) => options.only.includes(subject.name));
}

async function measure(bench: Workbench, subjects: readonly Subject[], report: Report): Promise<void> {
  await bench.setUp();
  const add = async (measured: Promise<readonly Table[]> | undefined): Promise<void> =>
    (await measured)?.forEach((table) => report.add(table));
  for (const subject of subjects) await add(subject.alone?.(bench));
  if (!subjects.some((subject) => subject.atLevel)) return;
  for (const level of bench.options.levels) {
    await bench.crowd.growTo(level, bench.shim.cri, bench.signal);
    for (const subject of subjects) await add(subject.atLevel?.(bench));
  }
}

/** A subject's failure or a signal ends the run; what was measured until then is printed, and all is taken away. */
async function run(options: BenchOptions): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = (name: string): void => interrupted.abort(new Error(`ended by ${name}`));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const progress = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  const report = new Report();
  const subjects = chosen(options);
  const bench = new Workbench(options, interrupted.signal, progress);
  try {
    await measure(bench, subjects, report);
  } finally {
    process.stdout.write(report.text());
    if (options.json !== undefined) writeFileSync(options.json, `${report.json()}\n`);
    await bench.tearDown().catch(fail);
  }
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(USAGE);
    return;
  }
  await run(parseOptions(args));
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

main(process.argv.slice(2)).catch(fail);
