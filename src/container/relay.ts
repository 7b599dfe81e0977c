import type { Duplex, Readable } from 'node:stream';
import { Demultiplexer } from '../docker/demultiplexer';
import type { CallContext } from '../lib/call-context';
import { kindOf, messageOf, ShimError } from '../lib/errors';
import type { RemoteStreams } from '../streaming/remote-command';
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
 * How it came to its end: the engine ended it; or the call did, and the command went on writing; or the call did, and the
 * command was silent.
 */
export type RelayEnd = 'ended' | 'left writing' | 'left silent';

/** How long a command is listened to whose client has gone, in milliseconds. */
const LISTEN_MS = 1_000;

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
  // What goes wrong is told to the reader below.
  connection.on('error', () => undefined);
  const farewell = new Farewell(connection, ctx);
  if (stdin !== undefined) feed(stdin, connection, options.passInputEnd);
  try {
    const outputs = new Outputs(options.tty, new ClientOutput(stdout), new ClientOutput(stderr));
    for await (const chunk of connection as AsyncIterable<Buffer>) {
      if (ctx.signal.aborted) return 'left writing';
      outputs.take(chunk);
      await outputs.flush(ctx, options.stallMs);
    }
    return 'ended';
  } catch (error) {
    if (ctx.signal.aborted) return 'left silent';
    if (isHangUp(error)) return 'ended';
    throw error instanceof ShimError
      ? error
      : new ShimError('Unavailable', `docker broke the connection off: ${messageOf(error)}`, error);
  } finally {
    farewell.dispose();
    stdin?.unpipe(connection);
    connection.destroy();
  }
}

/** The engine closed while it had input of the client's unread: all of its output came before that. */
function isHangUp(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function feed(stdin: Readable, connection: Duplex, passEnd: boolean): void {
  stdin.pipe(connection, { end: false });
  if (passEnd) stdin.once('end', () => connection.end());
}

/**
 * Ends the connection when the call ends. A command whose client has gone has its input closed at once and is listened to
 * a moment longer, to see whether it goes on writing for nobody.
 */
class Farewell {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: Duplex,
    private readonly ctx: CallContext,
  ) {
    ctx.signal.addEventListener('abort', this.begin, { once: true });
    if (ctx.signal.aborted) this.begin();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.ctx.signal.removeEventListener('abort', this.begin);
  }

  private readonly begin = (): void => {
    this.connection.end();
    const ms = shimStops(this.ctx) ? 0 : LISTEN_MS;
    this.timer = setTimeout(() => this.connection.destroy(), ms);
  };
}

/** Whether the call ended because the shim stops, which containers are to take no notice of. */
export function shimStops({ signal }: CallContext): boolean {
  return signal.aborted && kindOf(signal.reason) === 'Unavailable';
}

/** Takes the engine's output apart for the client. */
class Outputs {
  private readonly demultiplexer = new Demultiplexer((stream, part) => {
    if (stream === 'error') throw new ShimError('Internal', `docker: ${part.toString('utf8')}`);
    (stream === 'stdout' ? this.stdout : this.stderr).add(part);
  });

  constructor(
    private readonly tty: boolean,
    private readonly stdout: ClientOutput,
    private readonly stderr: ClientOutput,
  ) {}

  take(chunk: Buffer): void {
    if (this.tty) this.stdout.add(chunk);
    else this.demultiplexer.push(chunk);
  }

  async flush(ctx: CallContext, stallMs: number | undefined): Promise<void> {
    await Promise.all([this.stdout.flush(ctx, stallMs), this.stderr.flush(ctx, stallMs)]);
  }
}
