import { ShimError } from '../lib/errors';

/** In milliseconds. Ten times as long, which a stalled pull may take, still fits a timer of Node's. */
const LONGEST = 48 * 3_600_000;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * A time as Go writes it, `1m30s`, in milliseconds.
 * @throws ShimError InvalidArgument for anything else, for no time at all and for more than 48 hours.
 */
export function parseDuration(text: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text))
    throw new ShimError('InvalidArgument', `${JSON.stringify(text)} is no time`);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0);
  if (total <= 0 || total > LONGEST) {
    throw new ShimError('InvalidArgument', `${JSON.stringify(text)} is no time, or more than 48h`);
  }
  return total;
}
