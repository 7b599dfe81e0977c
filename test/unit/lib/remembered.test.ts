import { Remembered } from '../../../src/lib/remembered';

test('keeps what is there, and forgets the rest', () => {
  const remembered = new Remembered<number>();
  for (const [index, id] of ['a', 'b', 'c'].entries()) remembered.set(id, index);

  remembered.keepOnly(new Set(['b', 'z']));

  expect([remembered.get('a'), remembered.get('b'), remembered.size]).toEqual([undefined, 1, 1]);
});

test('is bounded: the oldest goes', () => {
  const remembered = new Remembered<number>();
  for (let index = 0; index < 10_000; index += 1) remembered.set(`${index}`, index);

  expect(remembered.size).toBeLessThan(10_000);
  expect(remembered.get('0')).toBeUndefined();
  expect(remembered.get('9999')).toBe(9999);
});
