import type { CallContext } from '../../../src/lib/call-context';
import { Expiring } from '../../../src/lib/expiring';
import { aCall } from '../../support/a-call';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const LIFETIME = 1000;

it('asks once in a lifetime', async () => {
  let asked = 0;
  const value = new Expiring(() => Promise.resolve((asked += 1)), LIFETIME);
  const { ctx } = aCall();
  await expect(value.get(ctx)).resolves.toBe(1);
  jest.advanceTimersByTime(LIFETIME - 1);
  await expect(value.get(ctx)).resolves.toBe(1);
  jest.advanceTimersByTime(1);
  await expect(value.get(ctx)).resolves.toBe(2);
});

it('asks once for all who ask at the same time', async () => {
  const ask = jest.fn(() => Promise.resolve(7));
  const value = new Expiring(ask, LIFETIME);
  await Promise.all([1, 2, 3].map(() => value.get(aCall().ctx)));
  expect(ask).toHaveBeenCalledTimes(1);
});

it('does not keep a failure', async () => {
  const answers = [() => Promise.reject(new Error('no')), () => Promise.resolve(7)];
  const value = new Expiring(() => answers.shift()?.() ?? Promise.reject(new Error('asked too often')), LIFETIME);
  const { ctx } = aCall();
  await expect(value.get(ctx)).rejects.toThrow('no');
  await expect(value.get(ctx)).resolves.toBe(7);
});

it('forgets when it is told to', async () => {
  let asked = 0;
  const value = new Expiring(() => Promise.resolve((asked += 1)), LIFETIME);
  const { ctx } = aCall();
  await value.get(ctx);
  value.forget();
  await expect(value.get(ctx)).resolves.toBe(2);
});

describe('an answer to a question from before it forgot', () => {
  function asked() {
    const answers: ((answer: string) => void)[] = [];
    return { answers, value: new Expiring(() => new Promise<string>((resolve) => answers.push(resolve)), LIFETIME) };
  }

  it('is not kept', async () => {
    const { answers, value } = asked();
    const { ctx } = aCall();
    const first = value.get(ctx);
    value.forget();
    answers[0]?.('of the old engine');
    await expect(first).resolves.toBe('of the old engine');
    const second = value.get(ctx);
    answers[1]?.('of the new engine');
    await expect(second).resolves.toBe('of the new engine');
  });

  it('is not for those who ask after', async () => {
    const { answers, value } = asked();
    const { ctx } = aCall();
    const first = value.get(ctx);
    value.forget();
    const second = value.get(ctx);
    answers[1]?.('of the new engine');
    answers[0]?.('of the old engine');
    await expect(Promise.all([first, second])).resolves.toEqual(['of the old engine', 'of the new engine']);
    await expect(value.get(ctx)).resolves.toBe('of the new engine');
  });
});

describe('the last answer', () => {
  /** A value that has the first answer, which is old. Every question after it waits for `answers`. */
  async function old() {
    const answers: { resolve(answer: number): void; reject(error: Error): void }[] = [];
    const signals: AbortSignal[] = [];
    const value = new Expiring((ctx) => {
      signals.push(ctx.signal);
      return new Promise<number>((resolve, reject) => answers.push({ resolve, reject }));
    }, LIFETIME);
    const first = value.last(aCall().ctx);
    answers[0]?.resolve(1);
    await expect(first).resolves.toBe(1);
    jest.advanceTimersByTime(LIFETIME);
    return { answers, signals, value };
  }

  it('is had without waiting, and renewed once for all who ask', async () => {
    const { answers, value } = await old();
    const { ctx } = aCall();
    await expect(value.last(ctx)).resolves.toBe(1);
    await expect(value.last(ctx)).resolves.toBe(1);
    expect(answers).toHaveLength(2);
    answers[1]?.resolve(2);
    await jest.advanceTimersByTimeAsync(0);
    await expect(value.last(ctx)).resolves.toBe(2);
    expect(answers).toHaveLength(2);
  });

  it('remains when it cannot be renewed, which is tried again', async () => {
    const { answers, value } = await old();
    const { ctx } = aCall();
    await value.last(ctx);
    answers[1]?.reject(new Error('no'));
    await jest.advanceTimersByTimeAsync(0);
    await expect(value.last(ctx)).resolves.toBe(1);
    answers[2]?.resolve(3);
    await jest.advanceTimersByTimeAsync(0);
    await expect(value.last(ctx)).resolves.toBe(3);
  });

  it('is renewed within a bound', async () => {
    const { answers, signals, value } = await old();
    const { ctx } = aCall();
    await value.last(ctx);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(signals[1]?.aborted).toBe(true);
    await value.last(ctx);
    expect(answers).toHaveLength(3);
  });

  it('is there at once while others wait for a new one', async () => {
    const { answers, value } = await old();
    const { ctx } = aCall();
    const fresh = value.get(ctx);
    await expect(value.last(ctx)).resolves.toBe(1);
    answers[1]?.resolve(2);
    await expect(fresh).resolves.toBe(2);
    expect(answers).toHaveLength(2);
  });

  it('is asked for to the end, though the first caller has left', async () => {
    let answer!: (answer: number) => void;
    const ask = jest.fn((_ctx: CallContext) => new Promise<number>((resolve) => (answer = resolve)));
    const value = new Expiring(ask, LIFETIME);
    const call = aCall();
    const first = value.last(call.ctx);
    call.cancel();
    await expect(first).rejects.toBe(call.reason);
    expect(ask.mock.calls[0]?.[0].signal.aborted).toBe(false);
    answer(7);
    await jest.advanceTimersByTimeAsync(0);
    await expect(value.last(aCall().ctx)).resolves.toBe(7);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('is asked for to the end after it was forgotten, whatever is still asked from before', async () => {
    const { answers, signals, value } = await old();
    await value.last(aCall().ctx);
    value.forget();
    const call = aCall();
    const next = value.last(call.ctx);
    call.cancel();
    await expect(next).rejects.toBe(call.reason);
    expect(signals[2]?.aborted).toBe(false);
    answers[2]?.resolve(3);
    await jest.advanceTimersByTimeAsync(0);
    await expect(value.last(aCall().ctx)).resolves.toBe(3);
  });

  it('is not one that was forgotten', async () => {
    const { answers, value } = await old();
    value.forget();
    const next = value.last(aCall().ctx);
    answers[1]?.resolve(2);
    await expect(next).resolves.toBe(2);
  });
});
