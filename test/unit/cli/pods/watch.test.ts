import type { NodePod } from '../../../../src/cli/pods/node-pods';
import { watchPods } from '../../../../src/cli/pods/watch';
import { ShimError } from '../../../../src/lib/errors';

const PODS: readonly NodePod[] = [];
const AWAY = new ShimError('Unavailable', 'no shim answers');

/** Watches until the answers are used up. Answers what was shown and how long each wait was, in seconds. */
async function watched(answers: readonly (readonly NodePod[] | Error)[]) {
  const left = [...answers];
  const shown: string[] = [];
  const waits: number[] = [];
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const needs = {
    look: () => {
      const answer = left.shift();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? PODS);
    },
    pause: async (ms: number) => {
      waits.push(ms / 1000);
      if (left.length > 0) return;
      end();
      await ended;
    },
    viewer: { show: () => void shown.push('pods'), away: (sentence: string) => void shown.push(sentence) },
  };
  await watchPods(needs, ended);
  return { shown, waits };
}

it('goes on when the shim is away, says so, and shows the pods when it is back', async () => {
  const { shown, waits } = await watched([PODS, AWAY, AWAY, PODS]);
  const away = (seconds: number) => `no shim answers; looking again in ${seconds} s`;
  expect(shown).toEqual(['pods', away(2), away(4), 'pods']);
  expect(waits).toEqual([2, 2, 4, 2]);
});

it('asks less often the longer the shim is away, but every 16 seconds', async () => {
  const { waits } = await watched([...Array.from({ length: 6 }, () => AWAY), PODS, AWAY]);
  expect(waits).toEqual([2, 4, 8, 16, 16, 16, 2, 2]);
});

it('ends at once, also while an answer is awaited', async () => {
  const shown: string[] = [];
  const viewer = { show: () => void shown.push('pods'), away: () => void shown.push('away') };
  const look = () => new Promise<NodePod[]>(() => undefined);
  await watchPods({ look, pause: () => Promise.resolve(), viewer }, Promise.resolve());
  expect(shown).toEqual([]);
});

it('leaves nothing behind at the end of each look', async () => {
  let [looks, listeners] = [0, 0];
  /** Counts who listens to the promise, and to what is made of it. */
  const counted = <T>(promise: Promise<T>): Promise<T> => {
    const then = promise.then.bind(promise);
    promise.then = ((...args: Parameters<typeof then>) => {
      listeners += 1;
      return counted(then(...args));
    }) as typeof promise.then;
    return promise;
  };
  let end!: () => void;
  const ended = counted(new Promise<void>((resolve) => (end = resolve)));
  const look = () => {
    looks += 1;
    if (looks === 20) end();
    return Promise.resolve(PODS);
  };
  const viewer = { show: () => undefined, away: () => undefined };
  await watchPods({ look, pause: () => Promise.resolve(), viewer }, ended);
  expect(looks).toBe(20);
  expect(listeners).toBeLessThan(20);
});
