import { untilEnded } from '../../../src/lib/until-ended';
import { aCall } from '../../support/a-call';

it('answers what the work does', async () => {
  await expect(untilEnded(aCall().ctx, Promise.resolve(7))).resolves.toBe(7);
});

it('fails as the work does', async () => {
  await expect(untilEnded(aCall().ctx, Promise.reject(new Error('no')))).rejects.toThrow('no');
});

it('leaves work that goes on when the call ends', async () => {
  const { ctx, cancel, reason } = aCall();
  const waiting = untilEnded(ctx, new Promise(() => undefined));
  cancel();
  await expect(waiting).rejects.toBe(reason);
});

it('does not wait in a call that has ended, not even for what is there', async () => {
  const { ctx, cancel, reason } = aCall();
  cancel();
  await expect(untilEnded(ctx, Promise.resolve(7))).rejects.toBe(reason);
});

it('a failure after the call has left ends nothing', async () => {
  const { ctx, cancel, reason } = aCall();
  let fail!: (error: Error) => void;
  const waiting = untilEnded(ctx, new Promise((_, reject) => (fail = reject)));
  cancel();
  await expect(waiting).rejects.toBe(reason);
  // jest fails the run on an unhandled rejection.
  fail(new Error('too late'));
  await new Promise((resolve) => setImmediate(resolve));
});

it('leaves nothing on the signal of a long call', async () => {
  const { ctx } = aCall();
  const removed = jest.spyOn(ctx.signal, 'removeEventListener');
  const added = jest.spyOn(ctx.signal, 'addEventListener');
  await untilEnded(ctx, Promise.resolve());
  await untilEnded(ctx, Promise.reject(new Error('no'))).catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(added.mock.calls.map(([, listener]) => listener));
});
