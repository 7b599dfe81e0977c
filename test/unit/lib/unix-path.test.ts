import { unixPath } from '../../../src/lib/unix-path';

it.each([
  ['unix:///run/a.sock', '/run/a.sock'],
  ['/run/a.sock', '/run/a.sock'],
  ['fd://', undefined],
  ['fd:///run/a.sock', undefined],
  ['tcp://127.0.0.1:2375', undefined],
  ['unix://', undefined],
  ['unix://run/a.sock', undefined],
  ['', undefined],
])('of %j is %j', (endpoint, path) => {
  expect(unixPath(endpoint)).toBe(path);
});
