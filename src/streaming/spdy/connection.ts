import type { Duplex } from 'node:stream';
import type { CallContext } from '../../lib/call-context';
import { messageOf } from '../../lib/errors';
import { FrameParser } from './frame-parser';
import { FrameSender } from './frame-sender';
import { type ControlFrame, type Frame, GoAwayStatus, ResetStatus } from './frames';
import { decodeHeaders, encodeHeaders, type Headers } from './header-block';
import { HeaderDeflater } from './header-deflater';
import { HeaderInflater } from './header-inflater';
import { SpdyProtocolError } from './protocol-error';
import type { ReceiveTurns } from './receive-turns';
import { ReceiveValve } from './receive-valve';
import { SpdyStream, type StreamLink, streamEnded } from './stream';

export interface SpdyOwner {
  /** A stream that the peer opened; to be answered by `reply()` or `reset()`, now or later. */
  onStream(stream: SpdyStream): void;
  /** Once, when the socket is gone and every stream destroyed. `error`: why, unless one of the sides just left. */
  onClose(error: Error | undefined): void;
}

export interface SpdyLimits {
  /** Open streams; more are refused. */
  readonly maxStreams: number;
  /**
   * How long, in milliseconds, a stream whose reader stays away may hold up the others, once it holds STREAM_BUDGET
   * bytes: it is reset then. Undefined lets it hold them up for ever, as is right for a connection with one upload.
   */
  readonly stallMs: number | undefined;
}

/** How long the peer may take to leave by itself once everything is said, in milliseconds. */
const LINGER_MS = 3_000;

/** How long the socket may take to close after that. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Servers use even PING ids. */
const PROBE_ID = 2;

type SynStream = Extract<ControlFrame, { type: 'SYN_STREAM' }>;

/**
 * The server's side of a SPDY/3.1 connection, over a socket whose HTTP upgrade is done, as Kubernetes' clients (Go's
 * moby/spdystream) speak it. They neither send nor heed WINDOW_UPDATE, and never send SETTINGS: both are ignored. It
 * stays silent until the peer has sent something, since Go's client may lose what comes right behind the answer to the
 * upgrade.
 */
export class SpdyConnection {
  private state: 'open' | 'leaving' | 'closing' | 'closed' = 'open';
  private readonly streams = new Map<number, SpdyStream>();
  private readonly parser: FrameParser;
  private readonly inflater = new HeaderInflater();
  private readonly deflater = new HeaderDeflater();
  private readonly sender: FrameSender;
  private readonly valve: ReceiveValve;
  private lastStreamId = 0;
  private lastDataAt = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private error: Error | undefined;

  constructor(
    private readonly ctx: CallContext,
    private readonly socket: Duplex,
    private readonly owner: SpdyOwner,
    private readonly limits: SpdyLimits,
    turns: ReceiveTurns,
  ) {
    this.sender = new FrameSender(socket);
    this.valve = new ReceiveValve(socket, turns, {
      stallMs: limits.stallMs,
      onStalled: (streamId) => this.giveUp(streamId),
      onProbe: () => this.sender.control({ type: 'PING', id: PROBE_ID }),
    });
    this.parser = new FrameParser((frame) => this.handle(frame), this.valve);
  }

  /** Milliseconds since data last went either way. PINGs don't count: clients send them for ever. */
  get idleMs(): number {
    return performance.now() - this.lastDataAt;
  }

  /** Begins to read. `head`: bytes that came with the upgrade request. The connection ends with its context. */
  start(head: Buffer): void {
    this.socket.on('data', this.receive);
    this.socket.on('drain', this.drained);
    this.socket.on('end', this.peerLeft);
    this.socket.on('error', this.failed);
    this.socket.on('close', this.closed);
    this.ctx.signal.addEventListener('abort', this.aborted, { once: true });
    if (this.ctx.signal.aborted) this.aborted();
    else if (head.length > 0) this.receive(head);
  }

  /**
   * Ends the connection when everything has been said: takes no new streams and leaves it to the peer to go first,
   * because GOAWAY makes Go's client drop what it has not read. After three seconds the connection ends anyway.
   */
  close(): void {
    if (this.state !== 'open' && this.state !== 'leaving') return;
    this.state = 'leaving';
    this.restartTimer(LINGER_MS, () => this.goAway(GoAwayStatus.ok));
  }

  private readonly receive = (chunk: Buffer): void => {
    if (this.state === 'closing' || this.state === 'closed') return;
    try {
      const taken = this.parser.push(chunk);
      this.valve.received(taken);
      // The valve has paused the socket, so this does not come back at once.
      if (taken < chunk.length) this.socket.unshift(chunk.subarray(taken));
    } catch (error) {
      this.fail(error);
    }
  };

  private readonly drained = (): void => {
    this.sender.pump();
    this.valve.adjust();
  };

  private readonly peerLeft = (): void => this.end();

  private readonly aborted = (): void => this.goAway(GoAwayStatus.ok);

  private readonly failed = (error: Error): void => {
    this.error ??= error;
  };

  private readonly closed = (): void => {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.release();
    clearTimeout(this.timer);
    this.ctx.signal.removeEventListener('abort', this.aborted);
    this.owner.onClose(this.error);
  };

  private handle(frame: Frame): void {
    if (this.state === 'closing' || this.state === 'closed') return;
    switch (frame.type) {
      case 'DATA':
        this.lastDataAt = performance.now();
        // Data for a stream that is gone crosses with its reset on the wire: no offence.
        this.streams.get(frame.streamId)?.receive(frame.payload, frame.fin);
        return;
      case 'SYN_STREAM':
        this.accept(frame, this.readHeaders(frame.block));
        return;
      case 'SYN_REPLY':
        this.readHeaders(frame.block);
        return;
      case 'HEADERS':
        this.readHeaders(frame.block);
        this.streams.get(frame.streamId)?.receive(Buffer.alloc(0), frame.fin);
        return;
      case 'RST_STREAM':
        this.streams.get(frame.streamId)?.sever();
        return;
      case 'PING':
        if (frame.id % 2 === 1) this.sender.control(frame);
        return;
      case 'GOAWAY':
        this.state = 'leaving';
        this.lingerWhenEmpty();
        return;
      case 'SETTINGS':
      case 'WINDOW_UPDATE':
        return;
    }
  }

  /** Inflates also what nobody needs: later blocks refer back to it. */
  private readHeaders(block: Buffer): Headers {
    return decodeHeaders(this.inflater.inflate(block));
  }

  private accept(frame: SynStream, headers: Headers): void {
    const refusal = this.refusal(frame);
    if (refusal !== undefined) {
      this.sender.control({ type: 'RST_STREAM', streamId: frame.streamId, status: refusal });
      return;
    }
    this.lastStreamId = frame.streamId;
    const stream = new SpdyStream(frame.streamId, headers, this.link);
    this.streams.set(frame.streamId, stream);
    if (frame.fin) stream.receive(Buffer.alloc(0), true);
    try {
      this.owner.onStream(stream);
    } catch (error) {
      this.ctx.log.error('a SPDY stream could not be served', { stream: frame.streamId, error: messageOf(error) });
      stream.reset(ResetStatus.internalError);
    }
  }

  /**
   * A stream id that is not above all before it costs only that stream, as with Go's server: a client that opens
   * streams from several threads may let two of them change places.
   */
  private refusal(frame: SynStream): ResetStatus | undefined {
    if (frame.streamId % 2 === 0) throw new SpdyProtocolError(`stream ${frame.streamId} has a server's number`);
    if (frame.streamId <= this.lastStreamId) return ResetStatus.protocolError;
    if (frame.unidirectional || this.state !== 'open') return ResetStatus.refusedStream;
    return this.streams.size >= this.limits.maxStreams ? ResetStatus.refusedStream : undefined;
  }

  private readonly link: StreamLink = {
    reply: (streamId) => {
      const block = this.deflater.deflate(encodeHeaders(new Map()));
      this.sender.control({ type: 'SYN_REPLY', streamId, fin: false, block });
    },
    send: (streamId, bytes, done) => {
      this.lastDataAt = performance.now();
      this.sender.data(streamId, bytes, done);
    },
    fin: (streamId) => this.sender.fin(streamId),
    reset: (streamId, status) => this.sender.control({ type: 'RST_STREAM', streamId, status }),
    hold: (streamId, bytes) => this.valve.change(streamId, bytes),
    gone: (streamId) => {
      this.streams.delete(streamId);
      this.sender.drop(streamId, streamEnded(streamId));
      if (this.state === 'leaving') this.lingerWhenEmpty();
    },
  };

  private giveUp(streamId: number): void {
    this.ctx.log.warn('a SPDY stream was reset because its reader held up the others', { stream: streamId });
    this.streams.get(streamId)?.reset(ResetStatus.flowControlError);
  }

  private fail(error: unknown): void {
    this.ctx.log.warn('a SPDY connection failed', { error: messageOf(error) });
    this.error ??= error instanceof Error ? error : new Error(String(error));
    this.goAway(error instanceof SpdyProtocolError ? GoAwayStatus.protocolError : GoAwayStatus.internalError);
  }

  /** After the peer's GOAWAY: when its last stream has gone it has nothing left to do but to close. */
  private lingerWhenEmpty(): void {
    if (this.streams.size === 0) this.close();
  }

  private goAway(status: GoAwayStatus): void {
    if (this.state === 'closing' || this.state === 'closed') return;
    this.sender.control({ type: 'GOAWAY', lastGoodStreamId: this.lastStreamId, status });
    this.end();
  }

  /** Whatever still comes is read and thrown away: closing a socket with unread bytes makes TCP drop what was sent. */
  private end(): void {
    if (this.state === 'closing' || this.state === 'closed') return;
    this.state = 'closing';
    this.release();
    this.socket.end();
    this.restartTimer(CLOSE_TIMEOUT_MS, () => this.socket.destroy());
  }

  private release(): void {
    for (const stream of this.streams.values()) stream.sever();
    this.valve.close();
  }

  private restartTimer(ms: number, then: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(then, ms);
  }
}
