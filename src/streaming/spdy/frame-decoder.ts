import type { ControlFrame, Setting } from './frames';
import { Flag, MAX_CONTROL_PAYLOAD, MAX_STREAM_ID, TypeNumber, VERSION } from './frames';
import { SpdyProtocolError } from './protocol-error';

/** What the first eight bytes of a frame announce. */
export type Head =
  | { readonly kind: 'data'; readonly streamId: number; readonly fin: boolean; readonly length: number }
  | { readonly kind: 'control'; readonly type: number; readonly flags: number; readonly length: number };

/** @throws SpdyProtocolError on another version, an oversized control frame or data for stream 0. */
export function decodeHead(bytes: Buffer): Head {
  const flags = bytes.readUInt8(4);
  const length = bytes.readUIntBE(5, 3);
  const word = bytes.readUInt32BE(0);
  if (word <= MAX_STREAM_ID) {
    if (word === 0) throw new SpdyProtocolError('data for stream 0');
    return { kind: 'data', streamId: word, fin: (flags & Flag.fin) !== 0, length };
  }
  const version = (word >>> 16) & 0x7fff;
  if (version !== VERSION) throw new SpdyProtocolError(`a control frame of version ${version}, not ${VERSION}`);
  if (length > MAX_CONTROL_PAYLOAD) {
    throw new SpdyProtocolError(`a control frame of ${length} bytes, more than ${MAX_CONTROL_PAYLOAD}`);
  }
  return { kind: 'control', type: word & 0xffff, flags, length };
}

/**
 * The control frame of a head and its whole payload, or undefined for a type that SPDY/3.1 does not define: those are
 * to be ignored (§2.2.1).
 * @throws SpdyProtocolError when the payload does not have the shape of its type.
 */
export function decodeControl(type: number, flags: number, payload: Buffer): ControlFrame | undefined {
  const fin = (flags & Flag.fin) !== 0;
  switch (type) {
    case TypeNumber.SYN_STREAM: {
      atLeast(payload, 10, 'SYN_STREAM');
      return {
        type: 'SYN_STREAM',
        streamId: streamIdAt(payload, 0),
        associatedTo: payload.readUInt32BE(4) & MAX_STREAM_ID,
        priority: payload.readUInt8(8) >> 5,
        slot: payload.readUInt8(9),
        fin,
        unidirectional: (flags & Flag.unidirectional) !== 0,
        block: payload.subarray(10),
      };
    }
    case TypeNumber.SYN_REPLY:
      atLeast(payload, 4, 'SYN_REPLY');
      return { type: 'SYN_REPLY', streamId: streamIdAt(payload, 0), fin, block: payload.subarray(4) };
    case TypeNumber.RST_STREAM:
      exactly(payload, 8, 'RST_STREAM');
      return { type: 'RST_STREAM', streamId: streamIdAt(payload, 0), status: payload.readUInt32BE(4) };
    case TypeNumber.SETTINGS:
      return { type: 'SETTINGS', clear: (flags & Flag.clearSettings) !== 0, settings: decodeSettings(payload) };
    case TypeNumber.PING:
      exactly(payload, 4, 'PING');
      return { type: 'PING', id: payload.readUInt32BE(0) };
    case TypeNumber.GOAWAY:
      exactly(payload, 8, 'GOAWAY');
      return {
        type: 'GOAWAY',
        lastGoodStreamId: payload.readUInt32BE(0) & MAX_STREAM_ID,
        status: payload.readUInt32BE(4),
      };
    case TypeNumber.HEADERS:
      atLeast(payload, 4, 'HEADERS');
      return { type: 'HEADERS', streamId: streamIdAt(payload, 0), fin, block: payload.subarray(4) };
    case TypeNumber.WINDOW_UPDATE:
      exactly(payload, 8, 'WINDOW_UPDATE');
      return {
        type: 'WINDOW_UPDATE',
        streamId: payload.readUInt32BE(0) & MAX_STREAM_ID,
        delta: payload.readUInt32BE(4) & MAX_STREAM_ID,
      };
    default:
      return undefined;
  }
}

function decodeSettings(payload: Buffer): Setting[] {
  atLeast(payload, 4, 'SETTINGS');
  exactly(payload, 4 + 8 * payload.readUInt32BE(0), 'SETTINGS');
  const settings: Setting[] = [];
  for (let at = 4; at < payload.length; at += 8) {
    settings.push({
      flags: payload.readUInt8(at),
      id: payload.readUIntBE(at + 1, 3),
      value: payload.readUInt32BE(at + 4),
    });
  }
  return settings;
}

function streamIdAt(payload: Buffer, at: number): number {
  const id = payload.readUInt32BE(at) & MAX_STREAM_ID;
  if (id === 0) throw new SpdyProtocolError('a control frame for stream 0');
  return id;
}

function atLeast(payload: Buffer, length: number, type: string): void {
  if (payload.length < length) throw new SpdyProtocolError(`a ${type} frame of only ${payload.length} bytes`);
}

function exactly(payload: Buffer, length: number, type: string): void {
  if (payload.length !== length) {
    throw new SpdyProtocolError(`a ${type} frame of ${payload.length} bytes instead of ${length}`);
  }
}
