import { offered, type Upgrade } from '../upgrade';
import type { OutcomeForm } from './outcome';

/** The channels of a remote command; each WebSocket message begins with its channel's number. */
export const Channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** How remote command is spoken over WebSocket. */
export interface ChannelProtocol {
  /** The subprotocol's name; empty for clients that name none. */
  readonly name: string;
  /** Text messages: the channel is a digit and the payload is in base64. */
  readonly base64: boolean;
  readonly form: OutcomeForm;
  /** The client says with a message on channel 255 that a stream of its ends. */
  readonly closes: boolean;
}

const PROTOCOLS: readonly ChannelProtocol[] = [
  { name: 'v5.channel.k8s.io', base64: false, form: 'status', closes: true },
  { name: 'v4.channel.k8s.io', base64: false, form: 'status', closes: false },
  { name: 'v4.base64.channel.k8s.io', base64: true, form: 'status', closes: false },
  { name: 'channel.k8s.io', base64: false, form: 'text', closes: false },
  { name: 'base64.channel.k8s.io', base64: true, form: 'text', closes: false },
];

const UNNAMED: ChannelProtocol = { name: '', base64: false, form: 'text', closes: false };

/** The first one of the client's that is known here; undefined when it names only others. */
export function chooseProtocol({ request }: Upgrade): ChannelProtocol | undefined {
  const names = offered(request, 'sec-websocket-protocol');
  if (names.length === 0) return UNNAMED;
  return names.map((name) => PROTOCOLS.find((known) => known.name === name)).find((known) => known !== undefined);
}

export interface ChannelMessage {
  readonly channel: number;
  readonly payload: Buffer;
}

/** Undefined for an empty message, which says nothing. */
export function decodeMessage(protocol: ChannelProtocol, message: Buffer): ChannelMessage | undefined {
  const first = message[0];
  if (first === undefined) return undefined;
  if (!protocol.base64) return { channel: first, payload: message.subarray(1) };
  return { channel: first - DIGIT_0, payload: Buffer.from(message.toString('latin1', 1), 'base64') };
}

/** A Buffer is for a binary message, a string for a text message. */
export function encodeMessage(protocol: ChannelProtocol, { channel, payload }: ChannelMessage): Buffer | string {
  if (protocol.base64) return `${channel}${payload.toString('base64')}`;
  const message = Buffer.allocUnsafe(1 + payload.length);
  message[0] = channel;
  payload.copy(message, 1);
  return message;
}

const DIGIT_0 = 0x30;
