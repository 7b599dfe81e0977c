import type { EngineEvent } from '../../../../src/docker/engine-event';
import { followEvents } from '../../../../src/index/sync/event-feed';
import { ShimError, type ErrorKind } from '../../../../src/lib/errors';
import { keptLog, type LogLine } from '../../../support/cri-server-under-test';

const event = (time: number): EngineEvent => ({ Type: 'container', Action: 'start', Actor: { ID: 'a' }, time });

/** Follows streams that each tell of one event and then break so, and another one. */
async function follow(broken: readonly ErrorKind[]) {
  const lines: LogLine[] = [];
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
    { signal: stop.signal, log: keptLog(lines) },
  );
  return { since, told, waits: lines.map(({ fields }) => fields.again_ms), levels: lines.map(({ level }) => level) };
}

it('goes on from the last event when the stream breaks', async () => {
  const { since, told } = await follow(['Unavailable', 'Unavailable']);
  expect(since.slice(1)).toEqual([1001, 1002]);
  expect(told).toEqual(['flow', '1001', 'break', 'flow', '1002', 'break', 'flow', 'break']);
});

it('passes over what cannot be read, which would be sent again and again', async () => {
  const { since } = await follow(['Internal', 'Unavailable']);
  expect(since.slice(1)).toEqual([undefined, 1002]);
});

it('waits longer each time before it connects again, though it connects each time', async () => {
  const { waits } = await follow(['Unavailable', 'Unavailable', 'Unavailable']);
  expect(waits).toEqual([100, 200, 400]);
});

it('warns once in an outage', async () => {
  const { levels } = await follow(['Unavailable', 'Unavailable', 'Unavailable']);
  expect(levels).toEqual(['warn', 'debug', 'debug']);
});
