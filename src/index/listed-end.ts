import type { ContainerSummary } from '../docker/types';
import { fromMilliseconds } from '../lib/time';
import { endOf } from '../translate/container-state';

/** An end of a container of which Docker's list alone has told. */
export interface ListedEnd {
  /** When it was first seen to tell, which may be long after the end: in nanoseconds since 1970, and as performance.now(). */
  readonly at: bigint;
  readonly since: number;
  /** Undefined for one that is being removed: the list has no room for both. */
  readonly exitCode: number | undefined;
}

/** For how long Docker may be asked in vain how a container has ended, in milliseconds. */
const LONGEST_UNTOLD_MS = 60_000;
/** What containerd answers for an end that it has not seen. */
const UNTOLD_EXIT_CODE = 255;

/** What a row of the list that tells of an end tells of it, as of now. */
export function listedEnd({ Status: words }: Pick<ContainerSummary, 'Status'>): ListedEnd {
  const [, code] = /^Exited \((-?\d+)\)/.exec(words ?? '') ?? [];
  const exitCode = code === undefined ? undefined : Number(code);
  return { at: fromMilliseconds(Date.now()), since: performance.now(), exitCode };
}

/**
 * The end as a status states it once Docker can't be waited for any more; undefined before. Without any end the kubelet
 * could never end its pod, and a container in the state UNKNOWN it starts anew whatever the pod's restart policy.
 * @param startedAt 0n when nobody knows
 */
export function statedEnd(end: ListedEnd, startedAt: bigint) {
  if (performance.now() - end.since < LONGEST_UNTOLD_MS) return undefined;
  const { at, exitCode } = end;
  if (exitCode !== undefined) return endOf(startedAt, at, exitCode);
  const message = 'docker cannot be asked how it ended';
  return { ...endOf(startedAt, at, UNTOLD_EXIT_CODE), reason: 'Unknown', message };
}
