import { allToTheEnd } from '../../../src/lib/all-to-the-end';

it('ends when all of the work has', async () => {
  const ended: string[] = [];
  const work = (name: string, turns: number) => async () => {
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    ended.push(name);
  };
  await allToTheEnd([work('slow', 5)(), work('quick', 1)()]);
  expect(ended).toEqual(['quick', 'slow']);
  await expect(allToTheEnd([])).resolves.toBeUndefined();
});

it('throws the first failure of the list, and not before the rest has ended', async () => {
  let ended = false;
  const slow = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    ended = true;
  });
  await expect(allToTheEnd([slow, Promise.reject(new Error('one')), Promise.reject(new Error('two'))])).rejects.toThrow(
    'one',
  );
  expect(ended).toBe(true);
});
