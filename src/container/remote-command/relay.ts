import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { Demultiplexer } from '../../docker/demultiplexer';
import { isHangUp } from '../../docker/hijacked-socket';
import type { CallContext } from '../../lib/call-context';
import { kindOf, messageOf, ShimError } from '../../lib/errors';
import { carry } from '../../streaming/carry';
import type { RemoteStreams } from '../../streaming/remote-command';
import { ClientOutput } from './client-output';

export interface RelayOptions {
  /** With a terminal the output is one stream; without, Docker's multiplexed two. */
  readonly tty: boolean;
  /** Whether the engine is told that the client's input has ended. */
  readonly passInputEnd: boolean;
  /** How long, in milliseconds, the client may leave output unread; undefined for as long as it likes. */
  readonly stallMs: number | undefined;
}

/**
 * How it ended: by the engine; or by the call, while the command went on writing for nobody (`left writing`) or was
 * silent (`left silent`).
 */
export type RelayEnd = 'ended' | 'left writing' | 'left silent';

/** How long a command whose client has gone is listened to, in milliseconds. */
const LISTEN_MS = 1_000;

/** What is carried, in bytes, before others have their turn: a socket that always has more would keep them waiting. */
const TURN = 256 * 1024;

/**
 * Carries a hijacked connection's bytes to and from the client, each way at the pace of the slower side, until the engine
 * ends it or the call ends. Then the connection is destroyed.
 * @throws ShimError when the connection breaks, makes no sense, or the client leaves its output unread.
 */
export async function relay(
  connection: Duplex,
  { stdin, stdout, stderr }: Pick<RemoteStreams, 'stdin' | 'stdout' | 'stderr'>,
  options: RelayOptions,
  ctx: CallContext,
): Promise<RelayEnd> {
  const reader = new OutputReader(connection, new ClientOutput(stdout), new ClientOutput(stderr), options, ctx);
  const stopInput = stdin && carry(stdin, connection, { end: options.passInputEnd });
  try {
    return await reader.read();
  } finally {
    reader.dispose();
    stopInput?.();
    connection.destroy();
  }
}

/** Whether the call ended because the shim stops, which must not affect what runs in containers. */
export function shimStops({ signal }: CallContext): boolean {
  return signal.aborted && kindOf(signal.reason) === 'Unavailable';
}

/** Reads the engine's side of the connection for the client, and decides when it is over. */
class OutputReader {
  private timer: NodeJS.Timeout | undefined;
  private sinceTurn = 0;
  private over: { resolve(end: RelayEnd): void; reject(error: unknown): void } | undefined;
  private readonly demultiplexer = new Demultiplexer((stream, part) => {
    if (stream === 'error') throw new ShimError('Internal', `docker: ${part.toString('utf8')}`);
    (stream === 'stdout' ? this.stdout : this.stderr).add(part);
  });

  constructor(
    private readonly connection: Duplex,
    private readonly stdout: ClientOutput,
    private readonly stderr: ClientOutput,
    private readonly options: RelayOptions,
    private readonly ctx: CallContext,
  ) {}

  read(): Promise<RelayEnd> {
    return new Promise((resolve, reject) => {
      this.over = { resolve, reject };
      this.connection.on('data', this.receive);
      this.connection.on('end', () => resolve('ended'));
      this.connection.on('error', this.failed);
      this.connection.on('close', () => resolve('ended'));
      this.ctx.signal.addEventListener('abort', this.callEnded, { once: true });
      if (this.ctx.signal.aborted) this.callEnded();
    });
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.ctx.signal.removeEventListener('abort', this.callEnded);
  }

  private readonly receive = (chunk: Buffer): void => {
    if (this.ctx.signal.aborted) return this.over?.resolve('left writing');
    try {
      if (this.options.tty) this.stdout.add(chunk);
      else this.demultiplexer.push(chunk);
    } catch (error) {
      return this.failed(error);
    }
    this.sinceTurn += chunk.length;
    const takesMore = [this.stdout.flush(), this.stderr.flush()];
    if (takesMore.includes(false)) this.waitForClient();
    else if (this.sinceTurn >= TURN) this.rest(setImmediate());
  };

  /** Both streams share the connection: it rests until each of them has taken what it got. */
  private waitForClient(): void {
    const { stallMs } = this.options;
    clearTimeout(this.timer);
    if (stallMs !== undefined) this.timer = setTimeout(() => this.over?.reject(stalled(stallMs)), stallMs);
    this.rest(Promise.all([this.stdout.drained(), this.stderr.drained()]));
  }

  /** Reads on after `until`. */
  private rest(until: Promise<unknown>): void {
    this.sinceTurn = 0;
    this.connection.pause();
    void until.then(() => {
      if (this.ctx.signal.aborted) return;
      clearTimeout(this.timer);
      this.connection.resume();
    });
  }

  /**
   * A command whose client has gone has its input closed at once, and is listened to a moment longer, to see whether it
   * goes on writing for nobody.
   */
  private readonly callEnded = (): void => {
    clearTimeout(this.timer);
    if (shimStops(this.ctx)) return this.over?.resolve('left silent');
    this.connection.end();
    this.connection.resume();
    this.timer = setTimeout(() => this.over?.resolve('left silent'), LISTEN_MS);
  };

  private readonly failed = (error: unknown): void => {
    if (isHangUp(error)) this.hungUp();
    else if (error instanceof ShimError) this.over?.reject(error);
    else this.over?.reject(new ShimError('Unavailable', `docker broke the connection off: ${messageOf(error)}`, error));
  };

  /**
   * The engine closed while it had input of the client's unread: all of its output came before that. What Node still holds
   * of it is less than the high-water mark. It emits nothing more of a connection that failed, but read() has it.
   */
  private hungUp(): void {
    const last = this.connection.off('data', this.receive).pause().read() as Buffer | null;
    if (last !== null) this.receive(last);
    this.over?.resolve('ended');
  }
}

function stalled(ms: number): ShimError {
  return new ShimError('DeadlineExceeded', `the client left the output unread for ${ms / 1000} s`);
}
