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
