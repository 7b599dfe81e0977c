import type { CallContext } from '../../../src/lib/call-context';
import { pause } from '../../../src/lib/call-context';
import { silentLog, type Log } from '../../../src/lib/log';
import { Rollback } from '../../../src/lib/rollback';
import { aCall } from '../../support/a-call';

function noting(notes: string[], what: string): (ctx: CallContext) => Promise<void> {
  return () => {
    notes.push(what);
    return Promise.resolve();
  };
}

it('runs from the last to the first', async () => {
  const notes: string[] = [];
  const rollback = new Rollback();
  for (const what of ['create', 'start', 'write']) rollback.push(what, noting(notes, what));
  await rollback.undo(aCall().ctx);
  expect(notes).toEqual(['write', 'start', 'create']);
});

it('waits for each before the next', async () => {
  const notes: string[] = [];
  const rollback = new Rollback();
  rollback.push('first', noting(notes, 'first'));
  rollback.push('slow', async () => {
    await new Promise((resolve) => setImmediate(resolve));
    notes.push('slow');
  });
  await rollback.undo(aCall().ctx);
  expect(notes).toEqual(['slow', 'first']);
});

it('goes on when one fails, and says which', async () => {
  const notes: string[] = [];
  const warn = jest.fn();
  const log: Log = { ...silentLog, warn };
  const rollback = new Rollback();
  rollback.push('first', noting(notes, 'first'));
  rollback.push('remove the container', () => Promise.reject(new Error('busy')));
  rollback.push('stop', () => {
    throw new Error('at once');
  });
  await rollback.undo(aCall(log).ctx);
  expect(notes).toEqual(['first']);
  expect(warn.mock.calls).toEqual([
    ['an undo step failed', { step: 'stop', error: 'at once' }],
    ['an undo step failed', { step: 'remove the container', error: 'busy' }],
  ]);
});

it('outlives the call that ended', async () => {
  const { ctx, cancel } = aCall();
  cancel();
  const rollback = new Rollback();
  let ended: boolean | undefined;
  rollback.push('first', (fresh) => {
    ended = fresh.signal.aborted;
    return Promise.resolve();
  });
  await rollback.undo(ctx);
  expect(ended).toBe(false);
});

it('has a deadline of its own', async () => {
  jest.useFakeTimers();
  try {
    const rollback = new Rollback();
    const seen: string[] = [];
    rollback.push('last', (ctx) => {
      seen.push(ctx.signal.aborted ? 'too late' : 'in time');
      return Promise.resolve();
    });
    rollback.push('hangs', (ctx) => pause(ctx, 24 * 3_600_000));
    const undoing = rollback.undo(aCall().ctx);
    await jest.advanceTimersByTimeAsync(60_000);
    await undoing;
    expect(seen).toEqual(['too late']);
  } finally {
    jest.useRealTimers();
  }
});

it('nothing to undo is done', async () => {
  await expect(new Rollback().undo(aCall().ctx)).resolves.toBeUndefined();
});
