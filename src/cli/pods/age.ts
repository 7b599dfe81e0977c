import { toMilliseconds } from '../../lib/time';

const UNITS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3600 },
  { name: 'm', seconds: 60 },
  { name: 's', seconds: 1 },
] as const;

/** The largest unit from which a second one is no longer told: `3d`, but `1d4h`. */
const ENOUGH = 3;

/**
 * How long ago something was, in one or two units: `45s`, `12m`, `1h30m`, `3d`.
 * @param then nanoseconds since 1970; a time to come is `0s`: clocks may differ
 * @param now milliseconds since 1970
 */
export function age(then: bigint, now: number): string {
  const seconds = Math.max(0, Math.floor(now / 1000 - toMilliseconds(then) / 1000));
  const place = UNITS.findIndex((unit) => seconds >= unit.seconds);
  const [unit = UNITS[3], smaller] = place < 0 ? [] : UNITS.slice(place);
  const count = Math.floor(seconds / unit.seconds);
  const rest = smaller === undefined ? 0 : Math.floor((seconds % unit.seconds) / smaller.seconds);
  return count < ENOUGH && rest > 0 ? `${count}${unit.name}${rest}${smaller?.name}` : `${count}${unit.name}`;
}
