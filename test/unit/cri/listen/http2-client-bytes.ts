import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FrameFlag, FrameType, PREFACE } from '../../../../src/cri/listen/http2-frames';

/** What a kubelet 1.20.2 sends first: preface, SETTINGS, the ACK of the server's, and a v1alpha2 Version call. */
export const KUBELET_FIRST_CALL = Buffer.from(
  readFileSync(join(__dirname, '../../../contract/kubelet-1.20-first-call.hex'), 'utf8').replace(/\s/g, ''),
  'hex',
);

export const SETTINGS = frame(FrameType.Settings, 0, 0);
export const SETTINGS_ACK = frame(FrameType.Settings, FrameFlag.Ack, 0);
export const HELLO = Buffer.concat([PREFACE, SETTINGS]);

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header block in frames: cut at `cuts` into HEADERS and CONTINUATIONs, optionally with padding and priority. */
export function headerFrames(
  block: Buffer,
  stream: number,
  { cuts = [], padding, priority = false }: { cuts?: readonly number[]; padding?: number; priority?: boolean } = {},
): Buffer {
  const bounds = [0, ...[...cuts].sort((a, b) => a - b), block.length];
  const parts = bounds.slice(1).map((end, n) => block.subarray(bounds[n], end));
  return Buffer.concat(
    parts.map((part, n) => {
      const end = n === parts.length - 1 ? FrameFlag.EndHeaders : 0;
      if (n > 0) return frame(FrameType.Continuation, end, stream, part);
      const flags = end | (padding === undefined ? 0 : FrameFlag.Padded) | (priority ? FrameFlag.Priority : 0);
      const payload = [
        Buffer.from(padding === undefined ? [] : [padding]),
        Buffer.alloc(priority ? 5 : 0),
        part,
        Buffer.alloc(padding ?? 0),
      ];
      return frame(FrameType.Headers, flags, stream, Buffer.concat(payload));
    }),
  );
}
