/** How the messages of a connection are written. */
export interface ChannelForm {
  /** Text messages: the channel is one character, counted from '0', and the payload is in base64. */
  readonly base64: boolean;
}

/** A part of what goes over one channel of a WebSocket. Each message begins with its channel's number. */
export interface ChannelMessage {
  readonly channel: number;
  readonly payload: Buffer;
}

const DIGIT_0 = 0x30;

/** Undefined for an empty message, which says nothing. */
export function decodeMessage({ base64 }: ChannelForm, message: Buffer): ChannelMessage | undefined {
  const first = message[0];
  if (first === undefined) return undefined;
  if (!base64) return { channel: first, payload: message.subarray(1) };
  return { channel: first - DIGIT_0, payload: Buffer.from(message.toString('latin1', 1), 'base64') };
}

/** A Buffer is for a binary message, a string for a text message. */
export function encodeMessage({ base64 }: ChannelForm, { channel, payload }: ChannelMessage): Buffer | string {
  if (base64) return String.fromCharCode(DIGIT_0 + channel) + payload.toString('base64');
  const message = Buffer.allocUnsafe(1 + payload.length);
  message[0] = channel;
  payload.copy(message, 1);
  return message;
}
