import { MAX_SOCKET_PATH_BYTES, parseEndpoint } from '../../../../src/cri/listen/endpoint';
import { kindOf } from '../../../../src/lib/errors';

test.each([
  ['unix:///run/dockershim.sock', { kind: 'path', path: '/run/dockershim.sock' }],
  ['/run/dockershim.sock', { kind: 'path', path: '/run/dockershim.sock' }],
  ['unix:///var/lib/a b/é.sock', { kind: 'path', path: '/var/lib/a b/é.sock' }],
  ['fd://', { kind: 'activated', name: undefined }],
  ['fd://dockershim.socket', { kind: 'activated', name: 'dockershim.socket' }],
])('%s is served', (text, endpoint) => {
  expect(parseEndpoint(text)).toEqual(endpoint);
});

test.each([
  ['tcp://0.0.0.0:2375', /only unix:\/\/\/path/],
  ['npipe:////./pipe/x', /only unix:\/\/\/path/],
  ['unix:/run/x.sock', /only unix:\/\/\/path/],
  ['unix://@dockershim', /abstract/],
  ['@dockershim', /abstract/],
  ['unix://\0dockershim', /abstract/],
  ['unix://run/x.sock', /must be absolute/],
  ['run/x.sock', /must be absolute/],
  ['unix://', /must be absolute/],
  ['', /must be absolute/],
  ['unix:///', /names a directory/],
  ['/run/dockershim/', /names a directory/],
  ['/run/a\nb', /control character/],
  ['/run/a\0b', /control character/],
])('%j is refused with a reason', (text, reason) => {
  expect(() => parseEndpoint(text)).toThrow(reason);
  try {
    parseEndpoint(text);
  } catch (error) {
    expect(kindOf(error)).toBe('InvalidArgument');
  }
});

test('a path is measured in bytes', () => {
  const longest = `/${'é'.repeat((MAX_SOCKET_PATH_BYTES - 1) / 2)}`;
  expect(parseEndpoint(longest)).toEqual({ kind: 'path', path: longest });
  expect(() => parseEndpoint(`${longest}x`)).toThrow(
    `may have 99 bytes, and this one has ${MAX_SOCKET_PATH_BYTES + 1}`,
  );
});
