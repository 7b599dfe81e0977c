import type { WebSocket } from 'ws';

/** Clients give up a minute after they last heard a pong, and send pings every five seconds. */
const HEARTBEAT_MS = 5_000;

/**
 * Stops reading a WebSocket as long as anyone who reads from it has enough, so that TCP slows the client down. The
 * client's pings aren't seen then; it gets pongs of our own accord instead (RFC 6455 §5.5.3), and the writing notices if
 * it has gone.
 */
export class WebSocketValve {
  private readonly holders = new Set<object>();
  private heartbeat: NodeJS.Timeout | undefined;

  /** @param onBeat is called every five seconds while it is shut, and may let a sip through. */
  constructor(
    private readonly socket: WebSocket,
    private readonly onBeat: () => void = () => undefined,
  ) {}

  hold(holder: object): void {
    this.holders.add(holder);
    this.socket.pause();
    this.heartbeat ??= setInterval(() => this.beat(), HEARTBEAT_MS);
  }

  /** Reads on, though there are holders, until one of them holds again. */
  sip(): void {
    this.socket.resume();
  }

  release(holder: object): void {
    if (!this.holders.delete(holder) || this.holders.size > 0) return;
    clearInterval(this.heartbeat);
    this.heartbeat = undefined;
    this.socket.resume();
  }

  private beat(): void {
    this.socket.pong(Buffer.alloc(0), false, () => undefined);
    this.onBeat();
  }
}
