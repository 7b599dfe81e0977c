import type { Duplex } from 'node:stream';
import type { Pace } from './frame-parser';
import { ReceiveBudget } from './receive-budget';
import type { ReceiveTurns } from './receive-turns';

/** Unsent bytes, which are answers to PING and the like, at which a peer that doesn't read is not listened to either. */
const MAX_UNSENT = 256 * 1024;

/** What a control frame counts as besides, in bytes: reading the headers of the shortest takes as long as so much data. */
const CONTROL_FRAME_COST = 4 * 1024;

/** What a data frame counts as besides, in bytes: a single byte is copied, queued and written like any other data. */
const DATA_FRAME_COST = 1024;

/** How often a peer that isn't being read is asked whether it is there at all. */
const PROBE_INTERVAL_MS = 5_000;

export interface ValveOwner {
  /** How long one stream may hold up all others, in milliseconds; undefined: for ever. */
  readonly stallMs: number | undefined;
  /** This stream has held up the connection for `stallMs`. */
  onStalled(streamId: number): void;
  /** The socket isn't being read, so that a write alone can find out that the peer is gone. */
  onProbe(): void;
}

/**
 * Stops reading the socket while the streams hold as much as they may, and while the peer leaves its answers unread.
 * TCP then slows the peer down: it is the only flow control that Kubernetes' clients know, and it holds for the whole
 * connection. So a stream whose reader stays away too long is given up for the others.
 */
export class ReceiveValve implements Pace {
  private readonly budget = new ReceiveBudget();
  private shut = false;
  private closed = false;
  private rests = false;
  private sinceTurn = 0;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly socket: Duplex,
    private readonly turns: ReceiveTurns,
    private readonly owner: ValveOwner,
  ) {}

  /** Counts bytes that a stream holds for its reader; negative when they go. */
  change(streamId: number, bytes: number): void {
    this.budget.change(streamId, bytes);
    if (bytes < 0) this.adjust();
  }

  /** Whether its turn is over: what has come and is not dealt with waits for the next one. */
  get resting(): boolean {
    return this.rests;
  }

  receivedFrame(kind: 'data' | 'control'): void {
    this.charge(kind === 'data' ? DATA_FRAME_COST : CONTROL_FRAME_COST);
  }

  /** To be called when so many bytes have been received. */
  received(bytes: number): void {
    this.charge(bytes);
    this.adjust();
  }

  /** To be called when the socket has drained. */
  adjust(): void {
    const full = this.budget.spent || this.socket.writableLength > MAX_UNSENT;
    const shut = !this.closed && (this.rests || full);
    if (shut === this.shut) return;
    this.shut = shut;
    this.stopTimers();
    if (shut) this.hold();
    else this.socket.resume();
  }

  /** Reads whatever comes from now on, as its owner throws it away. */
  close(): void {
    this.closed = true;
    this.adjust();
  }

  private charge(bytes: number): void {
    this.sinceTurn += bytes;
    if (this.rests || this.sinceTurn < this.turns.share(this)) return;
    this.rests = true;
    setImmediate(() => this.rested());
  }

  private rested(): void {
    this.rests = false;
    this.sinceTurn = 0;
    this.adjust();
  }

  private hold(): void {
    this.socket.pause();
    this.timers.push(setInterval(() => this.owner.onProbe(), PROBE_INTERVAL_MS));
    if (this.owner.stallMs !== undefined) this.timers.push(setInterval(() => this.giveUp(), this.owner.stallMs));
  }

  private giveUp(): void {
    const streamId = this.budget.largest();
    if (streamId !== undefined) this.owner.onStalled(streamId);
  }

  private stopTimers(): void {
    for (const timer of this.timers.splice(0)) clearInterval(timer);
  }
}
