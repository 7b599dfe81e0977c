/**
 * The frames of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00 §2.2 and §2.6), all integers big endian. A frame starts with
 * eight bytes:
 *
 *   control: 1 bit set, 15 bits version (3, also in 3.1), 16 bits type, 8 bits flags, 24 bits payload length
 *   data:    1 bit clear, 31 bits stream id,                            8 bits flags, 24 bits payload length
 */
export type Frame = ControlFrame | DataFrame;

export interface DataFrame {
  readonly type: 'DATA';
  readonly streamId: number;
  /** The sender ends its half of the stream with this frame. */
  readonly fin: boolean;
  readonly payload: Buffer;
}

/** `block` is a header block as it stands on the wire; header-block.ts reads and writes it. */
export type ControlFrame =
  | {
      readonly type: 'SYN_STREAM';
      readonly streamId: number;
      readonly associatedTo: number;
      /** 0 (highest) to 7. */
      readonly priority: number;
      readonly slot: number;
      readonly fin: boolean;
      readonly unidirectional: boolean;
      readonly block: Buffer;
    }
  | { readonly type: 'SYN_REPLY'; readonly streamId: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'RST_STREAM'; readonly streamId: number; readonly status: number }
  | { readonly type: 'SETTINGS'; readonly clear: boolean; readonly settings: readonly Setting[] }
  | { readonly type: 'PING'; readonly id: number }
  | { readonly type: 'GOAWAY'; readonly lastGoodStreamId: number; readonly status: number }
  | { readonly type: 'HEADERS'; readonly streamId: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'WINDOW_UPDATE'; readonly streamId: number; readonly delta: number };

export interface Setting {
  readonly flags: number;
  readonly id: number;
  readonly value: number;
}

/** Why a stream is reset (§2.6.3). Kubernetes' clients treat all of them alike. */
export const ResetStatus = {
  protocolError: 1,
  refusedStream: 3,
  cancel: 5,
  internalError: 6,
  flowControlError: 7,
} as const;
export type ResetStatus = (typeof ResetStatus)[keyof typeof ResetStatus];

/** Why a connection ends (§2.6.6). */
export const GoAwayStatus = { ok: 0, protocolError: 1, internalError: 2 } as const;
export type GoAwayStatus = (typeof GoAwayStatus)[keyof typeof GoAwayStatus];

export const HEAD_LENGTH = 8;

/** Control frames carry a few short headers, so 16 KiB is generous. DATA is handed on in parts and needs no bound. */
export const MAX_CONTROL_PAYLOAD = 16 * 1024;

export const VERSION = 3;
/** Bits of the flags byte; which of them a frame may carry depends on its type. */
export const Flag = { fin: 0x01, unidirectional: 0x02, clearSettings: 0x01 } as const;

export const MAX_STREAM_ID = 0x7fffffff;

export const TypeNumber = {
  SYN_STREAM: 1,
  SYN_REPLY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  HEADERS: 8,
  WINDOW_UPDATE: 9,
} as const;
