import { stopIfThere } from '../../../src/docker/stop-container';
import type { CallContext } from '../../../src/lib/call-context';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';
import { refusalOf } from '../../support/refusal';

/** An engine that is asked to stop containers, and the contexts that it is asked in. */
function engineThat(answer: () => Promise<void>) {
  const asked: CallContext[] = [];
  const stopContainer = (ctx: CallContext): Promise<void> => {
    asked.push(ctx);
    return answer();
  };
  return { asked, stopContainer };
}

it('goes on waiting when its caller leaves: an engine would kill the container for that', async () => {
  const engine = engineThat(() => new Promise(() => undefined));
  const caller = new AbortController();
  const stopping = stopIfThere(engine, { signal: caller.signal, log: silentLog }, 'c', 600);
  const left = refusalOf(stopping);
  caller.abort(new ShimError('Cancelled', 'the client has left'));
  expect(await left).toBe('Cancelled: the client has left');
  expect(engine.asked.map(({ signal }) => signal.aborted)).toEqual([false]);
});

it('gives the engine up when it takes minutes beyond the grace', async () => {
  jest.useFakeTimers();
  try {
    const engine = engineThat(() => new Promise(() => undefined));
    void stopIfThere(engine, { signal: new AbortController().signal, log: silentLog }, 'c', 30);
    jest.advanceTimersByTime(149_999);
    expect(engine.asked[0]?.signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(engine.asked[0]?.signal.aborted).toBe(true);
  } finally {
    jest.useRealTimers();
  }
});

it('is content with a container that is gone, and does not begin for a caller that has left', async () => {
  const engine = engineThat(() => Promise.reject(new ShimError('NotFound', 'no such container')));
  const caller = new AbortController();
  const ctx = { signal: caller.signal, log: silentLog };
  await stopIfThere(engine, ctx, 'c', 0);
  caller.abort(new ShimError('Cancelled', 'the client has left'));
  expect(await refusalOf(stopIfThere(engine, ctx, 'c', 0))).toBe('Cancelled: the client has left');
  expect(engine.asked).toHaveLength(1);
});
