import type { PullProgress } from '../../../src/docker/types';
import { watchForStall } from '../../../src/image/stall-watch';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';

const DEADLINE = 1000;
/** In deadlines, as long as unpacking into containerd is borne at least. */
const HOUR = 3600;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function watching(imagesInContainerd = false, { deadlineMs = DEADLINE, othersUnderWay = (): boolean => false } = {}) {
  const call = new AbortController();
  const pull = { image: 'r.io/x:1', imagesInContainerd, deadlineMs, othersUnderWay };
  const watch = watchForStall({ signal: call.signal, log: silentLog }, pull);
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
  ['a layer whose first byte does not come', () => layer('Waiting'), true],
  ['steps of different layers', (step) => ({ ...layer('Pull complete'), id: `layer-${step}` }), false],
])('%s', (_what, line, ended) => {
  const { watch } = watching(true);
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

it('takes seconds that pass for no progress of unpacking', () => {
  const { watch } = watching(true);
  for (let current = 1; current < HOUR; current++) {
    watch.saw({ id: 'layer', status: 'Extracting', progressDetail: { current, units: 's' } });
    jest.advanceTimersByTime(DEADLINE);
  }
  expect(watch.signal.aborted).toBe(false);
  watch.saw({ id: 'layer', status: 'Extracting', progressDetail: { current: HOUR, units: 's' } });
  jest.advanceTimersByTime(DEADLINE);
  expect(watch.signal.aborted).toBe(true);
});

it.each([
  ['containerd', true, 60_000, 3600, 360],
  ['containerd, of one who has more patience', true, 600_000, 6000, 600],
  ['a storage driver', false, 60_000, 600, 60],
])('blames the disk where unpacking makes no progress: with %s', (_where, inContainerd, deadlineMs, seconds, above) => {
  const { watch } = watching(inContainerd, { deadlineMs });
  watch.saw({ id: 'layer', status: 'Extracting', progressDetail: { current: 1, units: 's' } });
  jest.advanceTimersByTime(seconds * 1000 - 1);
  expect(watch.signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  expect(watch.signal.reason).toMatchObject({
    message: `the pull of r.io/x:1 made no progress for ${seconds} s while Docker unpacked it, so its disk is slow or hangs: check the load on it (iostat -x) and the kernel's log, or raise --image-pull-progress-deadline above ${above} s`,
  });
});

it('blames the registry where bytes do not come', () => {
  const { watch } = watching(true);
  watch.saw(layer('Downloading', 7));
  jest.advanceTimersByTime(DEADLINE);
  expect(watch.signal.reason).toMatchObject({
    message:
      'the pull of r.io/x:1 made no progress for 1 s: check the registry and the way to it, or raise --image-pull-progress-deadline',
  });
});

const BEGIN: PullProgress = { id: '1', status: 'Pulling from x' };
const BOTH: readonly PullProgress[] = ['a', 'b'].map((id) => ({ id, status: 'Pulling fs layer' }));
const a = (status: string): PullProgress => ({ id: 'a', status });
const b = (status: string): PullProgress => ({ id: 'b', status });

/** For how many deadlines a pull that has said this, and says no more, is borne with. */
function borne(
  imagesInContainerd: boolean,
  lines: readonly PullProgress[],
  othersUnderWay = (): boolean => false,
): number {
  const { watch } = watching(imagesInContainerd, { othersUnderWay });
  lines.forEach((line) => watch.saw(line));
  let deadlines = 0;
  while (!watch.signal.aborted) {
    jest.advanceTimersByTime(DEADLINE);
    deadlines += 1;
  }
  return deadlines;
}

const WAITING = [a('Waiting'), b('Waiting')];

it.each<[string, readonly PullProgress[], number, number]>([
  ['nothing but where the image is', [BEGIN], 1, 1],
  ['layers that were named', [BEGIN, ...BOTH], 1, 10],
  ['layers that wait', [BEGIN, ...BOTH, ...WAITING], 10, 1],
  ['a layer that waits, one that comes', [BEGIN, ...BOTH, ...WAITING, b('Downloading')], 1, 1],
  ['one layer of two', [BEGIN, ...BOTH, b('Downloading'), a('Download complete')], 1, 1],
  ['one that is there, one that waits', [BEGIN, a('Already exists'), b('Waiting')], 10, 1],
  ['one that is there, one that is tried again', [a('Pull complete'), b('Retrying in 5 seconds')], 1, 1],
  ['all layers', [BEGIN, ...BOTH, a('Download complete'), b('Download complete')], 10, HOUR],
  ['all, some of them before', [BEGIN, a('Already exists'), b('Pulling fs layer'), b('Download complete')], 10, HOUR],
  ['all, some of them unpacked', [BEGIN, ...BOTH, b('Download complete'), a('Pull complete')], 10, HOUR],
])('after %s, the silence is borne as it should be', (_what, lines, ofDrivers, ofContainerd) => {
  expect([false, true].map((inContainerd) => borne(inContainerd, lines))).toEqual([ofDrivers, ofContainerd]);
});

const STUCK: PullProgress = { ...b('Downloading'), progressDetail: { current: 7 } };

it.each<[string, readonly PullProgress[], number, number]>([
  ['nothing at all', [], 1, 10],
  ['nothing but where the image is', [BEGIN], 1, 10],
  ['how far a layer has come, again and again', [BEGIN, ...BOTH, STUCK, STUCK, STUCK], 1, 10],
  ['one layer of two', [BEGIN, ...BOTH, b('Downloading'), a('Download complete')], 1, 10],
  ['all layers', [BEGIN, ...BOTH, a('Download complete'), b('Download complete')], 10, HOUR],
])('after %s, silence beside other pulls is borne as it should be', (_what, lines, ofDrivers, ofContainerd) => {
  expect([false, true].map((inContainerd) => borne(inContainerd, lines, () => true))).toEqual([
    ofDrivers,
    ofContainerd,
  ]);
});

it('bears the silence of a pull that others began beside, as long as if they had always been there', () => {
  let others = false;
  const { watch } = watching(true, { othersUnderWay: () => others });
  jest.advanceTimersByTime(DEADLINE - 1);
  others = true;
  jest.advanceTimersByTime(9 * DEADLINE);
  expect(watch.signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  expect(watch.signal.aborted).toBe(true);
});

it('has its whole deadline once the others have ended: it was their silence before', () => {
  let others = true;
  const { watch } = watching(true, { othersUnderWay: () => others });
  jest.advanceTimersByTime(4.9 * DEADLINE);
  others = false;
  jest.advanceTimersByTime(0.1 * DEADLINE);
  expect(watch.signal.aborted).toBe(false);
  jest.advanceTimersByTime(DEADLINE);
  expect(watch.signal.aborted).toBe(true);
});

it('has no patience left for others that have ended once there is progress', () => {
  let others = true;
  const { watch } = watching(true, { othersUnderWay: () => others });
  jest.advanceTimersByTime(5 * DEADLINE);
  others = false;
  watch.saw(layer('Downloading', 1));
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
