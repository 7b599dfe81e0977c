import { messageOf } from '../../lib/errors';
import { untilEnded } from '../../lib/until-ended';
import type { NodePod } from './node-pods';

/** Between two looks at the pods, and the longest wait while there is no answer, in milliseconds. */
const AGAIN_MS = { usual: 2_000, longest: 16_000 };

/** What is made of each look. */
export interface Viewer {
  show(pods: readonly NodePod[]): void;
  /** There is no answer. The sentence says why, and when there will be another look. */
  away(sentence: string): void;
}

export interface WatchNeeds {
  /** Rejects while no shim answers. */
  readonly look: () => Promise<readonly NodePod[]>;
  /** Waits so many milliseconds, or until the signal. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly viewer: Viewer;
}

/**
 * Looks at the pods again and again until `ended`. A shim that is restarted is waited for, at growing intervals. Never
 * rejects for want of an answer.
 */
export async function watchPods({ look, pause, viewer }: WatchNeeds, ended: Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  void ended.finally(() => stop.abort()).catch(() => undefined);
  let failures = 0;
  while (!stop.signal.aborted) {
    const pods = await untilEnded(stop, look()).catch((error: unknown) => new Error(messageOf(error)));
    if (stop.signal.aborted) return;
    failures = pods instanceof Error ? failures + 1 : 0;
    const wait = Math.min(AGAIN_MS.usual * 2 ** Math.max(0, failures - 1), AGAIN_MS.longest);
    if (pods instanceof Error) viewer.away(`${pods.message}; looking again in ${wait / 1000} s`);
    else viewer.show(pods);
    await pause(wait, stop.signal);
  }
}
