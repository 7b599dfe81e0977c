import { bytes } from '../../../../src/cli/pods/bytes';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '0.977 KiB'],
  [1536, '1.50 KiB'],
  [3_000_000, '2.86 MiB'],
  [5 * 1024 ** 4, '5.00 TiB'],
])('%d bytes are %s', (count, text) => {
  expect(bytes(count)).toBe(text);
});
