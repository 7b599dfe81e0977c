import { endpointFault, MAX_SOCKET_PATH_BYTES } from '../../../src/config/endpoint';
import { parseEndpoint } from '../../../src/lib/endpoint';

test.each([
  ['unix:///run/dockershim.sock', { kind: 'path', path: '/run/dockershim.sock' }],
  ['/run/dockershim.sock', { kind: 'path', path: '/run/dockershim.sock' }],
  ['unix:///var/lib/a b/é.sock', { kind: 'path', path: '/var/lib/a b/é.sock' }],
  ['fd://', { kind: 'activated', name: undefined }],
  ['fd://dockershim.socket', { kind: 'activated', name: 'dockershim.socket' }],
])('%s is served', (text, endpoint) => {
  expect(endpointFault(text)).toBeUndefined();
  expect(parseEndpoint(text)).toEqual(endpoint);
});

test.each([
  ['tcp://0.0.0.0:2375', /must be unix:\/\/\/PATH/],
  ['npipe:////./pipe/x', /must be unix:\/\/\/PATH/],
  ['unix:/run/x.sock', /must be unix:\/\/\/PATH/],
  ['unix://@dockershim', /abstract/],
  ['@dockershim', /abstract/],
  ['unix://\0dockershim', /abstract/],
  ['unix://run/x.sock', /an absolute path/],
  ['run/x.sock', /an absolute path/],
  ['unix://', /an absolute path/],
  ['', /an absolute path/],
  ['unix:///', /not a directory/],
  ['/run/dockershim/', /not a directory/],
  ['/run/a\nb', /control character/],
  ['/run/a\0b', /control character/],
])('%j is refused with a reason', (text, reason) => {
  expect(endpointFault(text)).toMatch(reason);
});

test('a path is measured in bytes', () => {
  const longest = `/${'é'.repeat((MAX_SOCKET_PATH_BYTES - 1) / 2)}`;
  expect(endpointFault(longest)).toBeUndefined();
  expect(endpointFault(`${longest}x`)).toBe('must have a path of at most 99 bytes, not of 100');
});
