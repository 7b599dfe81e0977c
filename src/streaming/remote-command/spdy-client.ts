import type { CallContext } from '../../lib/call-context';
import { ShimError } from '../../lib/errors';
import type { RemoteCommandSession, RemoteStreams } from '../remote-command';
import { switchToSpdy } from '../spdy-upgrade';
import { SpdyConnection } from '../spdy/connection';
import type { SpdyStream } from '../spdy/stream';
import type { Upgrade } from '../upgrade';
import { expectedTypes, ExpectedStreams } from './expected-streams';
import { encodeOutcome, type Outcome } from './outcome';
import { allWritten, patiently } from './patience';
import { LAST_WORDS_MS, LEAVE_TIMEOUT_MS, STREAM_CREATION_TIMEOUT_MS, type RemoteClient } from './remote-client';
import { SPDY_VERSIONS, type RemoteCommandVersion } from './spdy-versions';
import { TerminalSizes } from './terminal-sizes';

/** Five are used; a client may open some that are not known here. */
const MAX_STREAMS = 16;

/** Answers a client that wants SPDY: takes it in, or refuses it and returns undefined. */
export function acceptSpdy(
  session: RemoteCommandSession,
  upgrade: Upgrade,
  ctx: CallContext,
): RemoteClient | undefined {
  const version = SPDY_VERSIONS.get(switchToSpdy(upgrade, [...SPDY_VERSIONS.keys()]) ?? '');
  if (version === undefined) return undefined;
  const client = new SpdyRemoteClient(session, version, upgrade, ctx);
  client.start();
  return client;
}

/**
 * A client of exec or attach that has a SPDY stream for each stream of the command.
 *
 * Version 1 is served like 2: the servers of its time reset its error stream at once, so that no failure ever arrived;
 * its clients read what stands there all the same.
 */
class SpdyRemoteClient implements RemoteClient {
  private readonly expected: ExpectedStreams;
  private readonly sizes = new TerminalSizes();
  private readonly connection: SpdyConnection;
  /** Ends the connection. It outlives the session's context, which may end before the last word was said. */
  private readonly over = new AbortController();
  private readonly gone: Promise<void>;
  private leave: () => void = () => undefined;

  constructor(
    private readonly session: RemoteCommandSession,
    private readonly version: RemoteCommandVersion,
    private readonly upgrade: Upgrade,
    private readonly ctx: CallContext,
  ) {
    this.expected = new ExpectedStreams(expectedTypes(session, version));
    this.gone = new Promise((resolve) => (this.leave = resolve));
    // A client has one stream to send on. It may hold up its own connection as long as it likes.
    const limits = { maxStreams: MAX_STREAMS, stallMs: undefined };
    const owner = { onStream: (stream: SpdyStream) => this.expected.offer(stream), onClose: () => this.closed() };
    const over = { signal: this.over.signal, log: ctx.log };
    this.connection = new SpdyConnection(over, upgrade.socket, owner, limits, upgrade.turns);
  }

  start(): void {
    this.connection.start(this.upgrade.head);
  }

  get idleMs(): number {
    return this.connection.idleMs;
  }

  async streams(): Promise<RemoteStreams> {
    const fail = (): void => this.expected.fail(this.ctx.signal.reason as ShimError);
    this.ctx.signal.addEventListener('abort', fail, { once: true });
    try {
      await this.expected.complete(STREAM_CREATION_TIMEOUT_MS);
    } finally {
      this.ctx.signal.removeEventListener('abort', fail);
    }
    const resize = this.expected.get('resize');
    resize?.on('data', (bytes: Buffer) => this.sizes.push(bytes));
    return {
      stdin: this.expected.get('stdin'),
      stdout: this.expected.get('stdout'),
      stderr: this.expected.get('stderr'),
      sizes: resize && this.sizes,
    };
  }

  /**
   * The outcome goes out before the output streams end, because clients of version 1 leave when those end. GOAWAY comes
   * last: Go's client stops reading there.
   */
  async finish(outcome: Outcome): Promise<void> {
    this.sizes.end();
    const error = this.expected.get('error');
    const bytes = encodeOutcome(outcome, this.session.kind, this.version >= 4 ? 'status' : 'text');
    if (bytes.length > 0) error?.write(bytes);
    const types = ['error', 'stdout', 'stderr', 'stdin', 'resize'] as const;
    const streams = types.map((type) => this.expected.get(type)).filter((stream) => stream !== undefined);
    for (const stream of streams) stream.end().resume();
    const said = allWritten(streams).then(() => this.socketWritten());
    await patiently(this.ctx, Promise.race([said, this.gone]), { afterEndMs: LAST_WORDS_MS });
    // Without an error stream the client has nothing more to hear.
    const ms = error === undefined ? 0 : LEAVE_TIMEOUT_MS;
    await patiently(this.ctx, this.gone, { ms, afterEndMs: 0 });
    this.over.abort();
    await this.gone;
  }

  /** Waits until the kernel has all that was written. */
  private socketWritten(): Promise<void> {
    return new Promise((resolve) => {
      if (this.upgrade.socket.writable) this.upgrade.socket.write('', () => resolve());
      else resolve();
    });
  }

  private closed(): void {
    this.sizes.end();
    this.leave();
    this.expected.fail(new ShimError('Cancelled', 'the client has gone'));
  }
}
