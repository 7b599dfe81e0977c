import { endWhenIdle } from '../../../src/streaming/idle';
import { aCall } from '../../support/a-call';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A connection that had data when the test says so. */
function aConnection(): { idleMs: number; data(): void } {
  let last = Date.now();
  return {
    get idleMs() {
      return Date.now() - last;
    },
    data: () => (last = Date.now()),
  };
}

it('ends when there was no data for as long as the limit', () => {
  const idle = endWhenIdle(aCall().ctx, 1000);
  const connection = aConnection();
  idle.watch(connection);
  jest.advanceTimersByTime(900);
  connection.data();
  jest.advanceTimersByTime(900);
  expect(idle.signal.aborted).toBe(false);
  jest.advanceTimersByTime(100);
  expect(idle.signal.reason).toMatchObject({ kind: 'DeadlineExceeded' });
});

it('ends with the call, for its reason', () => {
  const call = aCall();
  const idle = endWhenIdle(call.ctx, 1000);
  call.cancel();
  expect(idle.signal.reason).toBe(call.reason);
});

it('waits for longer than a timer can', () => {
  const idle = endWhenIdle(aCall().ctx, 2 ** 32);
  idle.watch(aConnection());
  jest.advanceTimersByTime(2 ** 31);
  expect(idle.signal.aborted).toBe(false);
  idle.dispose();
});

it('leaves no timer behind', () => {
  const idle = endWhenIdle(aCall().ctx, 1000);
  idle.watch(aConnection());
  idle.dispose();
  expect(jest.getTimerCount()).toBe(0);
});
