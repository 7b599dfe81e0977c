import type { Socket } from 'node:net';

export interface OpeningLimits {
  /** How many may wait at the same time. */
  readonly most: number;
  /** How long each may wait, in milliseconds. */
  readonly ms: number;
}

/**
 * Connections that have not asked for anything yet. One that says nothing, or too little for too long, is cut off, and
 * so is the one that has waited longest when there are too many: an honest client asks at once.
 * INVARIANT: at most `most` sockets, each for at most `ms` milliseconds; one that has closed is forgotten.
 */
export class OpeningConnections {
  private readonly timers = new Map<Socket, NodeJS.Timeout>();

  constructor(private readonly limits: OpeningLimits) {}

  get size(): number {
    return this.timers.size;
  }

  add(socket: Socket): void {
    const [longest] = this.timers.keys();
    if (longest !== undefined && this.timers.size >= this.limits.most) this.cut(longest);
    this.timers.set(
      socket,
      setTimeout(() => this.cut(socket), this.limits.ms),
    );
    socket.once('close', () => this.asked(socket));
  }

  /** It has sent its request: from here on it is for others to end it. */
  asked(socket: Socket): void {
    clearTimeout(this.timers.get(socket));
    this.timers.delete(socket);
  }

  /** Cuts them all off. */
  clear(): void {
    for (const socket of this.timers.keys()) this.cut(socket);
  }

  private cut(socket: Socket): void {
    this.asked(socket);
    socket.destroy();
  }
}
