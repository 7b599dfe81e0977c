import type { EngineEvent } from '../../../src/docker/engine-event';
import { followEvents } from '../../../src/index/event-feed';
import { ShimError, type ErrorKind } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';

const event = (time: number): EngineEvent => ({ Type: 'container', Action: 'start', Actor: { ID: 'a' }, time });

/** Follows streams that each tell of one event and then break so, and another one; answers since when each was asked for. */
async function sinceWhen(broken: readonly ErrorKind[]): Promise<{ since: (number | undefined)[]; told: string[] }> {
  const stop = new AbortController();
  const since: (number | undefined)[] = [];
  const told: string[] = [];
  async function* stream(kind: ErrorKind | undefined) {
    if (kind === undefined) return stop.abort();
    yield await Promise.resolve(event(1000 + since.length));
    throw new ShimError(kind, 'the test breaks it');
  }
  await followEvents(
    {
      engine: {
        events: (_ctx, query) => {
          const nth = since.push(query.since) - 1;
          return Promise.resolve(stream(broken[nth]));
        },
      },
      types: ['container'],
      actions: ['start'],
      onConnected: () => told.push('flow'),
      onEvent: ({ time }) => told.push(String(time)),
      onBroken: () => told.push('break'),
    },
    { signal: stop.signal, log: silentLog },
  );
  return { since, told };
}

it('goes on from the last event when the stream breaks', async () => {
  const { since, told } = await sinceWhen(['Unavailable', 'Unavailable']);
  expect(since.slice(1)).toEqual([1001, 1002]);
  expect(told).toEqual(['flow', '1001', 'break', 'flow', '1002', 'break', 'flow', 'break']);
});

it('passes over what cannot be read, which would be sent again and again', async () => {
  const { since } = await sinceWhen(['Internal', 'Unavailable']);
  expect(since.slice(1)).toEqual([undefined, 1002]);
});

it('waits longer each time before it connects again, though it connects each time', async () => {
  const began = performance.now();
  await sinceWhen(['Unavailable', 'Unavailable', 'Unavailable']);
  // 100, 200 and 400 ms: a bound from below, which a slow machine can't miss.
  expect(performance.now() - began).toBeGreaterThan(650);
});
