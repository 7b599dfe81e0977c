import type { CallContext } from '../../../src/lib/call-context';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';
import { Patience } from '../../../src/lib/patience';
import { refusalOf } from '../../support/refusal';

const ctx: CallContext = { signal: new AbortController().signal, log: silentLog };
const never = () => new Promise<string>(() => undefined);

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it('waits once for one that hangs, and then for nobody until there is an answer', async () => {
  const patience = new Patience(500, 'the answer');
  const first = patience.waitFor(ctx, never);
  await jest.advanceTimersByTimeAsync(499);
  const second = patience.waitFor(ctx, never);
  await jest.advanceTimersByTimeAsync(1);
  expect(await first).toBeUndefined();
  const third = patience.waitFor(ctx, never);
  await jest.advanceTimersByTimeAsync(1);
  expect(await third).toBeUndefined();
  expect(await patience.waitFor(ctx, () => Promise.resolve('here'))).toBe('here');
  const fourth = patience.waitFor(ctx, never);
  let waits = true;
  void fourth.then(() => (waits = false));
  await jest.advanceTimersByTimeAsync(499);
  expect(waits).toBe(true);
  await jest.advanceTimersByTimeAsync(1);
  expect([await second, await fourth]).toEqual([undefined, undefined]);
});

it('does without an answer that fails, but not for a caller that has left', async () => {
  const patience = new Patience(500, 'the answer');
  expect(await patience.waitFor(ctx, () => Promise.reject(new Error('no')))).toBeUndefined();
  const left = { ...ctx, signal: AbortSignal.abort(new ShimError('Cancelled', 'left')) };
  expect(await refusalOf(patience.waitFor(left, never))).toBe('Cancelled: left');
});
