import { Derived } from '../../../src/lib/derived';

test('each object is made into something once', () => {
  const make = jest.fn(({ name }: { name: string }) => ({ greeting: `hello ${name}` }));
  const derived = new Derived(make);
  const [one, other] = [{ name: 'pod' }, { name: 'pod' }];
  const made = derived.of(one);
  expect(made).toEqual({ greeting: 'hello pod' });
  expect(derived.of(one)).toBe(made);
  expect(derived.of(other)).not.toBe(made);
  expect(make).toHaveBeenCalledTimes(2);
});
