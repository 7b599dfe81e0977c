import { Slots } from '../../../src/lib/slots';

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('runs no more than its slots side by side, in order of arrival', async () => {
  const slots = new Slots(2, 60_000);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (number: number) => () => {
    begun.push(number);
    return new Promise<void>((resolve) => ends.push(resolve));
  };
  const all = [1, 2, 3, 4].map((number) => slots.run(work(number)));
  await turn();
  expect(begun).toEqual([1, 2]);
  ends.shift()?.();
  await turn();
  expect(begun).toEqual([1, 2, 3]);
  while (ends.length > 0) {
    ends.shift()?.();
    await turn();
  }
  await Promise.all(all);
  expect(begun).toEqual([1, 2, 3, 4]);
});

it('frees the slot of work that hangs, once', async () => {
  const slots = new Slots(1, 5);
  let end!: () => void;
  const hanging = slots.run(() => new Promise<void>((resolve) => (end = resolve)));
  await expect(slots.run(() => Promise.resolve('done'))).resolves.toBe('done');
  end();
  await hanging;
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, (running += 1));
    await turn();
    running -= 1;
  };
  await Promise.all([1, 2, 3].map(() => slots.run(work)));
  expect(most).toBe(1);
});

it('frees the slot of work that fails', async () => {
  const slots = new Slots(1, 60_000);
  await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(slots.run(() => Promise.resolve(1))).resolves.toBe(1);
});
