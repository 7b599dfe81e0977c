import fc from 'fast-check';
import { decodeMessage, encodeMessage } from '../../../../src/streaming/web-socket/channel-message';

it.each([
  [false, 1, Buffer.from([1, 0x68, 0x69])],
  [true, 1, '1aGk='],
  [true, 12, '<aGk='],
])('writes, in base64: %s, channel %i as every client reads it', (base64, channel, message) => {
  expect(encodeMessage({ base64 }, { channel, payload: Buffer.from('hi') })).toEqual(message);
});

it('says nothing for an empty message', () => {
  expect(decodeMessage({ base64: false }, Buffer.alloc(0))).toBeUndefined();
});

it.each([false, true])('reads what it writes, in base64: %s', (base64) => {
  fc.assert(
    fc.property(fc.nat(79), fc.uint8Array(), (channel, bytes) => {
      const message = { channel, payload: Buffer.from(bytes) };
      expect(decodeMessage({ base64 }, Buffer.from(encodeMessage({ base64 }, message)))).toEqual(message);
    }),
  );
});
