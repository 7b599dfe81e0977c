import fc from 'fast-check';
import { compareApiVersions, negotiateApiVersion, NEWEST_API, OLDEST_API } from '../../../src/docker/api-version';

const version = fc.tuple(fc.nat(3), fc.nat(120)).map(([major, minor]) => ({ major, minor, text: `${major}.${minor}` }));

test('versions are compared by their numbers, not their letters', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(Math.sign(compareApiVersions(a.text, b.text))).toBe(
        Math.sign(a.major * 1000 + a.minor - (b.major * 1000 + b.minor)),
      );
    }),
  );
});

test.each([
  ['the oldest that is known', { newest: OLDEST_API, oldest: '1.12' }, OLDEST_API],
  ['one in between', { newest: '1.45', oldest: '1.24' }, '1.45'],
  ['the newest that is known', { newest: NEWEST_API, oldest: '1.24' }, NEWEST_API],
  ['a newer one', { newest: '1.99', oldest: '1.44' }, NEWEST_API],
  ['one that begins where this ends', { newest: '1.99', oldest: NEWEST_API }, NEWEST_API],
  ['one that names no oldest', { newest: '1.43', oldest: undefined }, '1.43'],
])('%s', (_what, offer, spoken) => {
  expect(negotiateApiVersion(offer)).toBe(spoken);
});
