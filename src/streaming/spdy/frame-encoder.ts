import type { ControlFrame, Setting } from './frames';
import { Flag, HEAD_LENGTH, TypeNumber, VERSION } from './frames';

/** The bytes of a control frame. A DATA frame is `encodeDataHead` and its payload, so that payloads are never copied. */
export function encodeControl(frame: ControlFrame): Buffer {
  const fin = 'fin' in frame && frame.fin ? Flag.fin : 0;
  switch (frame.type) {
    case 'SYN_STREAM': {
      const bytes = control(frame.type, fin | (frame.unidirectional ? Flag.unidirectional : 0), 10, frame.block);
      bytes.writeUInt32BE(frame.streamId, 8);
      bytes.writeUInt32BE(frame.associatedTo, 12);
      bytes.writeUInt8(frame.priority << 5, 16);
      bytes.writeUInt8(frame.slot, 17);
      return bytes;
    }
    case 'SYN_REPLY':
    case 'HEADERS': {
      const bytes = control(frame.type, fin, 4, frame.block);
      bytes.writeUInt32BE(frame.streamId, 8);
      return bytes;
    }
    case 'RST_STREAM':
      return twoWords(frame.type, frame.streamId, frame.status);
    case 'GOAWAY':
      return twoWords(frame.type, frame.lastGoodStreamId, frame.status);
    case 'WINDOW_UPDATE':
      return twoWords(frame.type, frame.streamId, frame.delta);
    case 'PING': {
      const bytes = control(frame.type, 0, 4);
      bytes.writeUInt32BE(frame.id, 8);
      return bytes;
    }
    case 'SETTINGS':
      return encodeSettings(frame.clear, frame.settings);
  }
}

/** The eight bytes before a DATA payload of `length` bytes (at most 2^24 - 1). */
export function encodeDataHead(streamId: number, fin: boolean, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_LENGTH);
  bytes.writeUInt32BE(streamId, 0);
  bytes.writeUInt8(fin ? Flag.fin : 0, 4);
  bytes.writeUIntBE(length, 5, 3);
  return bytes;
}

function control(type: keyof typeof TypeNumber, flags: number, fixed: number, block?: Buffer): Buffer {
  const length = fixed + (block?.length ?? 0);
  const bytes = Buffer.alloc(HEAD_LENGTH + length);
  bytes.writeUInt16BE(0x8000 | VERSION, 0);
  bytes.writeUInt16BE(TypeNumber[type], 2);
  bytes.writeUInt8(flags, 4);
  bytes.writeUIntBE(length, 5, 3);
  block?.copy(bytes, HEAD_LENGTH + fixed);
  return bytes;
}

function twoWords(type: keyof typeof TypeNumber, first: number, second: number): Buffer {
  const bytes = control(type, 0, 8);
  bytes.writeUInt32BE(first, 8);
  bytes.writeUInt32BE(second, 12);
  return bytes;
}

function encodeSettings(clear: boolean, settings: readonly Setting[]): Buffer {
  const bytes = control('SETTINGS', clear ? Flag.clearSettings : 0, 4 + 8 * settings.length);
  bytes.writeUInt32BE(settings.length, 8);
  settings.forEach(({ flags, id, value }, index) => {
    bytes.writeUInt8(flags, 12 + 8 * index);
    bytes.writeUIntBE(id, 13 + 8 * index, 3);
    bytes.writeUInt32BE(value, 16 + 8 * index);
  });
  return bytes;
}
