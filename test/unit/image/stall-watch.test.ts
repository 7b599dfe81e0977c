import type { PullProgress } from '../../../src/docker/types';
import { watchForStall } from '../../../src/image/stall-watch';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';

const DEADLINE = 1000;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function watching() {
  const call = new AbortController();
  const watch = watchForStall({ signal: call.signal, log: silentLog }, DEADLINE, 'r.io/x:1');
  return { call, watch };
}

const layer = (status: string, current?: number): PullProgress => ({
  id: 'layer',
  status,
  ...(current !== undefined && { progressDetail: { current } }),
});

it('ends a pull that says nothing', () => {
  const { watch } = watching();
  jest.advanceTimersByTime(DEADLINE - 1);
  expect(watch.signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  expect(watch.signal.reason).toMatchObject({ kind: 'DeadlineExceeded' });
});

it.each<[string, (step: number) => PullProgress, boolean]>([
  ['bytes that come', (step) => layer('Downloading', step), false],
  ['the same byte again and again', () => layer('Downloading', 7), true],
  ['a layer that waits', () => layer('Waiting'), true],
  ['steps of different layers', (step) => ({ ...layer('Pull complete'), id: `layer-${step}` }), false],
])('%s', (_what, line, ended) => {
  const { watch } = watching();
  for (let step = 0; step < 20; step++) {
    watch.saw(line(step));
    jest.advanceTimersByTime(DEADLINE / 2);
  }
  expect(watch.signal.aborted).toBe(ended);
  watch.dispose();
});

it('has patience while a layer is extracted, and none after', () => {
  const { watch } = watching();
  watch.saw(layer('Extracting', 100));
  jest.advanceTimersByTime(9 * DEADLINE);
  expect(watch.signal.aborted).toBe(false);
  watch.saw(layer('Pull complete'));
  jest.advanceTimersByTime(DEADLINE);
  expect(watch.signal.aborted).toBe(true);
});

it('ends with the call, for its reason, and leaves no timer behind', () => {
  const { call, watch } = watching();
  const reason = new ShimError('Cancelled', 'the client has left');
  call.abort(reason);
  expect(watch.signal.reason).toBe(reason);
  watch.dispose();
  expect(jest.getTimerCount()).toBe(0);
});
