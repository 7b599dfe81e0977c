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

it('has patience while a layer is extracted, and none after, while another is still to come', () => {
  const { watch } = watching();
  watch.saw({ id: 'other', status: 'Downloading' });
  watch.saw(layer('Extracting', 100));
  jest.advanceTimersByTime(9 * DEADLINE);
  expect(watch.signal.aborted).toBe(false);
  watch.saw(layer('Pull complete'));
  jest.advanceTimersByTime(DEADLINE);
  expect(watch.signal.aborted).toBe(true);
});

const BEGIN: PullProgress = { id: '1', status: 'Pulling from x' };
const BOTH: readonly PullProgress[] = ['a', 'b'].map((id) => ({ id, status: 'Pulling fs layer' }));
const a = (status: string): PullProgress => ({ id: 'a', status });
const b = (status: string): PullProgress => ({ id: 'b', status });

it.each<[string, readonly PullProgress[], number]>([
  ['nothing but where the image is', [BEGIN], 1],
  ['layers that were named', [BEGIN, ...BOTH], 1],
  ['one layer of two', [BEGIN, ...BOTH, a('Download complete')], 1],
  ['one that is there, one that waits', [BEGIN, a('Already exists'), b('Waiting')], 1],
  ['one that is there, one that is tried again', [a('Pull complete'), b('Retrying in 5 seconds')], 1],
  ['all layers', [BEGIN, ...BOTH, a('Download complete'), b('Download complete')], 10],
  ['all, some of them before', [BEGIN, a('Already exists'), b('Pulling fs layer'), b('Download complete')], 10],
  ['all, some of them unpacked', [BEGIN, ...BOTH, b('Download complete'), a('Pull complete')], 10],
])('after %s, the silence is borne as it should be', (_what, lines, deadlines) => {
  const { watch } = watching();
  lines.forEach((line) => watch.saw(line));
  jest.advanceTimersByTime(deadlines * DEADLINE - 1);
  expect(watch.signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
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
