import type { Pressure, PressureLine } from './usage';

const LINE = /^(some|full) avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+) total=(\d+)$/gm;

/** A pressure file (kernel: accounting/psi), whose totals are microseconds. Old kernels have no `full` line for the CPU. */
export function parsePressure(text: string | undefined): Pressure | undefined {
  const lines = new Map<string, PressureLine>();
  for (const [, kind = '', avg10, avg60, avg300, total = '0'] of (text ?? '').matchAll(LINE)) {
    lines.set(kind, {
      avg10: Number(avg10),
      avg60: Number(avg60),
      avg300: Number(avg300),
      totalNanoseconds: BigInt(total) * 1000n,
    });
  }
  return lines.size === 0 ? undefined : { some: lines.get('some'), full: lines.get('full') };
}
