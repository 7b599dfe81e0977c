import type { Pressure, PressureLine } from './usage';

const [SOME, FULL] = [lineOf('some'), lineOf('full')];

/** A pressure file (kernel: accounting/psi), whose totals are microseconds. Old kernels have no `full` line for the CPU. */
export function parsePressure(text: string | undefined): Pressure | undefined {
  if (text === undefined) return undefined;
  const [some, full] = [parseLine(SOME, text), parseLine(FULL, text)];
  return some === undefined && full === undefined ? undefined : { some, full };
}

function lineOf(kind: string): RegExp {
  return new RegExp(`^${kind} avg10=([\\d.]+) avg60=([\\d.]+) avg300=([\\d.]+) total=(\\d+)$`, 'm');
}

function parseLine(line: RegExp, text: string): PressureLine | undefined {
  const match = line.exec(text);
  if (match === null) return undefined;
  const [, avg10, avg60, avg300, total = '0'] = match;
  return {
    avg10: Number(avg10),
    avg60: Number(avg60),
    avg300: Number(avg300),
    totalNanoseconds: BigInt(total) * 1000n,
  };
}
