import fc from 'fast-check';
import type { IncomingMessage } from 'node:http';
import {
  chooseProtocol,
  decodeMessage,
  encodeMessage,
  type ChannelProtocol,
} from '../../../../src/streaming/remote-command/channel-protocol';
import type { Upgrade } from '../../../../src/streaming/upgrade';

function offering(value: string | undefined): Upgrade {
  const request = { headers: { 'sec-websocket-protocol': value } } as unknown as IncomingMessage;
  return { request, head: Buffer.alloc(0) } as unknown as Upgrade;
}

function protocol(name: string): ChannelProtocol {
  const found = chooseProtocol(offering(name));
  if (found === undefined) throw new Error(`no protocol ${name}`);
  return found;
}

it.each([
  [undefined, ''],
  ['v5.channel.k8s.io', 'v5.channel.k8s.io'],
  ['v4.base64.channel.k8s.io, v4.channel.k8s.io', 'v4.base64.channel.k8s.io'],
  ['nonsense, channel.k8s.io', 'channel.k8s.io'],
  ['base64.channel.k8s.io', 'base64.channel.k8s.io'],
  ['v9.channel.k8s.io', undefined],
  ['SPDY/3.1+portforward.k8s.io', undefined],
])('chooses for the offer %s the protocol %s', (offer, name) => {
  expect(chooseProtocol(offering(offer))?.name).toBe(name);
});

it.each([
  ['v4.channel.k8s.io', Buffer.from([1, 0x68, 0x69])],
  ['v4.base64.channel.k8s.io', '1aGk='],
])('writes channel 1 in %s as every client reads it', (name, message) => {
  expect(encodeMessage(protocol(name), { channel: 1, payload: Buffer.from('hi') })).toEqual(message);
});

it('says nothing for an empty message', () => {
  expect(decodeMessage(protocol('v4.channel.k8s.io'), Buffer.alloc(0))).toBeUndefined();
});

it.each(['', 'channel.k8s.io', 'v4.base64.channel.k8s.io', 'v5.channel.k8s.io'])(
  'reads what it writes in "%s"',
  (name) => {
    const spoken = protocol(name);
    fc.assert(
      fc.property(fc.nat(4), fc.uint8Array(), (channel, bytes) => {
        const message = { channel, payload: Buffer.from(bytes) };
        expect(decodeMessage(spoken, Buffer.from(encodeMessage(spoken, message)))).toEqual(message);
      }),
    );
  },
);
