import type { Writable } from 'node:stream';
import type { CallContext } from '../lib/call-context';
import { ShimError } from '../lib/errors';

/** An output stream of a command on its way to the client, which may want it or not. */
export class ClientOutput {
  private parts: Buffer[] = [];

  constructor(private readonly client: Writable | undefined) {}

  add(part: Buffer): void {
    if (this.client !== undefined) this.parts.push(part);
  }

  /**
   * Sends what was added, in one piece, and waits until the client takes more. A client that is gone takes everything.
   * @param stallMs how long it may leave its output unread; undefined for as long as it likes
   * @throws ShimError DeadlineExceeded when it takes nothing for so long
   */
  async flush(ctx: CallContext, stallMs: number | undefined): Promise<void> {
    const [first, ...others] = this.parts;
    if (this.client === undefined || first === undefined) return;
    this.parts = [];
    const piece = others.length === 0 ? first : Buffer.concat([first, ...others]);
    if (this.client.destroyed || this.client.write(piece)) return;
    await writable(this.client, ctx, stallMs);
  }
}

/** Waits until the stream takes more, or has gone, or the context has ended. */
function writable(client: Writable, ctx: CallContext, stallMs: number | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: ShimError): void => {
      clearTimeout(timer);
      client.off('drain', settle).off('close', settle);
      ctx.signal.removeEventListener('abort', ended);
      if (error === undefined) resolve();
      else reject(error);
    };
    const ended = (): void => settle();
    const timer = stallMs === undefined ? undefined : setTimeout(() => settle(stalled(stallMs)), stallMs);
    client.on('drain', settle).on('close', settle);
    ctx.signal.addEventListener('abort', ended, { once: true });
    if (ctx.signal.aborted) ended();
  });
}

function stalled(ms: number): ShimError {
  return new ShimError('DeadlineExceeded', `the client left the output unread for ${ms / 1000} s`);
}
