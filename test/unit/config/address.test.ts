import { parseAddress } from '../../../src/config/address';
import { refusal } from '../../support/refusal';

it.each([
  ['127.0.0.1', '127.0.0.1', 0],
  ['127.0.0.1:0', '127.0.0.1', 0],
  ['10.0.0.1:65535', '10.0.0.1', 65_535],
  ['::1', '::1', 0],
  ['[::1]', '::1', 0],
  ['[::]:8080', '::', 8080],
])('%s', (text, host, port) => {
  expect(parseAddress(text)).toEqual({ host, port });
});

it.each(['', ':8080', 'localhost', 'localhost:80', '127.0.0.1:', '127.0.0.1:65536', '127.0.0.1:-1', '127.0.0.1:1a'])(
  '%j is refused',
  (text) => {
    expect(refusal(() => parseAddress(text))).toMatch(/^InvalidArgument: .* is no address to listen on$/);
  },
);

it.each(['[127.0.0.1]:80', '[::1', '::1]', '[::1]80', '[]:80', '256.0.0.1', '127.0.0.1:80:80'])('so is %j', (text) => {
  expect(refusal(() => parseAddress(text))).toMatch(/^InvalidArgument: /);
});
