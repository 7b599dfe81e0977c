const NANOSECONDS = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/;

/**
 * Docker's time (RFC 3339, up to nanoseconds) as CRI's: nanoseconds since 1970. Docker writes year 1 for "never", and
 * CRI zero; so does a text that is no time.
 */
export function toNanoseconds(time: string | undefined): bigint {
  const match = NANOSECONDS.exec(time ?? '');
  if (match === null) return 0n;
  const seconds = Date.parse(`${match[1]}${match[3]}`) / 1000;
  if (Number.isNaN(seconds) || seconds <= 0) return 0n;
  return BigInt(seconds) * 1_000_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
}
