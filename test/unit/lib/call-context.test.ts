import {
  background,
  detached,
  pause,
  throwIfEnded,
  withDetached,
  withLimit,
  within,
  type CallContext,
} from '../../../src/lib/call-context';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';
import { aCall } from '../../support/a-call';
import { refusal, refusalOf } from '../../support/refusal';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const TOOK_TOO_LONG = 'DeadlineExceeded: undoing took more than 1.5 s';

function reasonOf(ctx: CallContext): string {
  return refusal(() => throwIfEnded(ctx));
}

it('a context of the background ends with the shim', () => {
  const ctx = background(silentLog);
  expect(ctx.signal.aborted).toBe(false);

  ctx.stop();

  expect(reasonOf(ctx)).toBe('Cancelled: the shim is stopping');
});

describe('a detached context', () => {
  it('ends after its time, and says what took so long', () => {
    const ctx = detached(silentLog, 1500, 'undoing');
    jest.advanceTimersByTime(1499);
    expect(ctx.signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(reasonOf(ctx)).toBe(TOOK_TOO_LONG);
  });

  it('keeps no timer once disposed of', () => {
    const ctx = detached(silentLog, 1500, 'undoing');
    ctx.dispose();
    expect(jest.getTimerCount()).toBe(0);
    expect(() => throwIfEnded(ctx)).not.toThrow();
  });

  it('stops its timer when the work ends', async () => {
    await expect(withDetached(silentLog, 1500, 'undoing', (ctx) => Promise.resolve(ctx.signal.aborted))).resolves.toBe(
      false,
    );
    expect(jest.getTimerCount()).toBe(0);
  });

  it('stops its timer when the work fails', async () => {
    const failing = withDetached(silentLog, 1500, 'undoing', () => Promise.reject(new ShimError('Internal', 'no')));
    expect(await refusalOf(failing)).toBe('Internal: no');
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a context with a nearer end', () => {
  it('ends after its time, and the call goes on', () => {
    const { ctx } = aCall();
    const nearer = within(ctx, 1500, 'undoing');
    jest.advanceTimersByTime(1500);
    expect(reasonOf(nearer)).toBe(TOOK_TOO_LONG);
    expect(ctx.signal.aborted).toBe(false);
  });

  it('ends with the call, for its reason', () => {
    const { ctx, cancel, reason } = aCall();
    const nearer = within(ctx, 1500, 'undoing');
    cancel();
    expect(nearer.signal.reason).toBe(reason);
    jest.advanceTimersByTime(1500);
    expect(nearer.signal.reason).toBe(reason);
  });

  it('has ended already when the call has', () => {
    const { ctx, cancel, reason } = aCall();
    cancel();
    expect(within(ctx, 1500, 'undoing').signal.reason).toBe(reason);
  });

  it('lets go of the call once disposed of', () => {
    const { ctx, cancel } = aCall();
    const nearer = within(ctx, 1500, 'undoing');
    nearer.dispose();
    cancel();
    expect(nearer.signal.aborted).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a pause', () => {
  it('lasts its time', async () => {
    let over = false;
    const pausing = pause(aCall().ctx, 100).then(() => (over = true));
    await jest.advanceTimersByTimeAsync(99);
    expect(over).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(over).toBe(true);
    await pausing;
  });

  it('ends with the call, and leaves no timer', async () => {
    const { ctx, cancel, reason } = aCall();
    const pausing = pause(ctx, 100);
    cancel();
    await expect(pausing).rejects.toBe(reason);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not begin in a call that has ended', async () => {
    const { ctx, cancel, reason } = aCall();
    cancel();
    await expect(pause(ctx, 100)).rejects.toBe(reason);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('leaves nothing on the signal of a long call', async () => {
    const { ctx } = aCall();
    const removed = jest.spyOn(ctx.signal, 'removeEventListener');
    const added = jest.spyOn(ctx.signal, 'addEventListener');
    const pausing = pause(ctx, 100);
    await jest.advanceTimersByTimeAsync(100);
    await pausing;
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });
});

describe('work with a limit', () => {
  it('gets a context that ends after its time', async () => {
    const { ctx } = aCall();
    const pausing = withLimit(ctx, 1500, 'undoing', (bounded) => pause(bounded, 2000));
    const told = refusalOf(pausing);
    await jest.advanceTimersByTimeAsync(1500);
    expect(await told).toBe(TOOK_TOO_LONG);
    expect(ctx.signal.aborted).toBe(false);
  });

  it.each([
    ['is done', () => Promise.resolve()],
    ['fails', () => Promise.reject(new ShimError('Internal', 'no'))],
  ])('leaves no timer when it %s', async (_what, work) => {
    await withLimit(aCall().ctx, 1500, 'undoing', work).catch(() => undefined);
    expect(jest.getTimerCount()).toBe(0);
  });
});
