/** Times as CRI has them, in nanoseconds since 1970, from the forms that they come in. */

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/;

const NANOSECONDS_IN_SECOND = 1_000_000_000n;
const NANOSECONDS_IN_MILLISECOND = 1_000_000n;

/**
 * Docker's time: RFC 3339, up to nanoseconds. Docker writes year 1 for "never", and CRI zero; so does a text that is no
 * time.
 */
export function fromRfc3339(time: string | undefined): bigint {
  const match = RFC3339.exec(time ?? '');
  if (match === null) return 0n;
  const seconds = Date.parse(`${match[1]}${match[3]}`) / 1000;
  if (Number.isNaN(seconds) || seconds <= 0) return 0n;
  return fromSeconds(seconds) + BigInt((match[2] ?? '').padEnd(9, '0'));
}

/** @param seconds a whole number of them */
export function fromSeconds(seconds: number): bigint {
  return BigInt(seconds) * NANOSECONDS_IN_SECOND;
}

/** @param milliseconds whose fraction, if any, is cut off */
export function fromMilliseconds(milliseconds: number): bigint {
  return BigInt(Math.trunc(milliseconds)) * NANOSECONDS_IN_MILLISECOND;
}

/** Back to whole milliseconds. */
export function toMilliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / NANOSECONDS_IN_MILLISECOND);
}
