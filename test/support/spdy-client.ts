import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { encodeControl, encodeDataHead } from '../../src/streaming/spdy/frame-encoder';
import { FrameParser } from '../../src/streaming/spdy/frame-parser';
import type { ControlFrame, Frame } from '../../src/streaming/spdy/frames';
import { encodeHeaders } from '../../src/streaming/spdy/header-block';
import { HeaderDeflater } from '../../src/streaming/spdy/header-deflater';

/** What a client has heard on one of its streams. */
export interface Heard {
  replied: boolean;
  readonly parts: Buffer[];
  ended: boolean;
  /** The status of the server's RST_STREAM. */
  reset: number | undefined;
}

/** A SPDY client in which the test decides on every frame. It checks nothing and keeps all that it hears. */
export class SpdyClient {
  readonly streams = new Map<number, Heard>();
  /** Control frames that belong to no stream: PING and GOAWAY. */
  readonly control: ControlFrame[] = [];
  left = false;
  private nextId = 1;
  private readonly deflater = new HeaderDeflater();

  constructor(readonly socket: Duplex) {
    const parser = new FrameParser((frame) => this.hear(frame));
    socket.on('data', (chunk: Buffer) => parser.push(chunk));
    socket.on('close', () => {
      this.left = true;
      socket.emit('heard');
    });
    socket.on('error', () => undefined);
  }

  /** Opens a stream; its number is given to send something else than the next odd one. */
  open(headers: Record<string, string> = {}, { id = this.nextId, fin = false, unidirectional = false } = {}): number {
    this.nextId = id + 2;
    const block = this.deflater.deflate(encodeHeaders(new Map(Object.entries(headers))));
    this.frame({ type: 'SYN_STREAM', streamId: id, associatedTo: 0, priority: 0, slot: 0, fin, unidirectional, block });
    return id;
  }

  headers(streamId: number, headers: Record<string, string>, fin: boolean): void {
    const block = this.deflater.deflate(encodeHeaders(new Map(Object.entries(headers))));
    this.frame({ type: 'HEADERS', streamId, fin, block });
  }

  data(streamId: number, bytes: Buffer | string, fin = false): void {
    const payload = Buffer.from(bytes);
    this.socket.write(Buffer.concat([encodeDataHead(streamId, fin, payload.length), payload]));
  }

  frame(frame: ControlFrame): void {
    this.socket.write(encodeControl(frame));
  }

  heard(streamId: number): Heard {
    const heard = this.streams.get(streamId) ?? { replied: false, parts: [], ended: false, reset: undefined };
    this.streams.set(streamId, heard);
    return heard;
  }

  bytes(streamId: number): Buffer {
    return Buffer.concat(this.heard(streamId).parts);
  }

  /** Waits for a PING to come back: whatever was sent before it has then been dealt with. */
  async roundTrip(id = 1): Promise<void> {
    const before = this.pongs(id);
    this.frame({ type: 'PING', id });
    await this.until(() => this.pongs(id) > before || this.left);
  }

  /** Waits until what the client has heard fulfils the condition. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.socket, 'heard');
  }

  private pongs(id: number): number {
    return this.control.filter((frame) => frame.type === 'PING' && frame.id === id).length;
  }

  private hear(frame: Frame): void {
    switch (frame.type) {
      case 'DATA':
        this.heard(frame.streamId).parts.push(frame.payload);
        this.heard(frame.streamId).ended ||= frame.fin;
        break;
      case 'SYN_REPLY':
        this.heard(frame.streamId).replied = true;
        break;
      case 'RST_STREAM':
        this.heard(frame.streamId).reset = frame.status;
        break;
      default:
        this.control.push(frame);
    }
    this.socket.emit('heard');
  }
}
