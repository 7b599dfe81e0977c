import type { IncomingMessage } from 'node:http';
import { chooseProtocol } from '../../../../src/streaming/remote-command/channel-protocol';
import type { Upgrade } from '../../../../src/streaming/upgrade';

function offering(value: string | undefined): Upgrade {
  const request = { headers: { 'sec-websocket-protocol': value } } as unknown as IncomingMessage;
  return { request, head: Buffer.alloc(0) } as unknown as Upgrade;
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
