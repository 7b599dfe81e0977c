import type { SpdyStream } from '../spdy/stream';

/** The two streams of one forwarded connection. */
export interface StreamPair {
  /** Carries a text when the connection can't be had; its end says that the connection is over. */
  readonly error: SpdyStream;
  readonly data: SpdyStream;
}

/** Serves a connection whose first stream has come: one of these is called, once. */
export interface PairTaker {
  take(pair: StreamPair): void;
  /** There will be no pair; the client has been told. */
  giveUp(): void;
}

interface Half {
  readonly port: number;
  readonly taker: PairTaker;
  readonly streams: Partial<Record<Kind, SpdyStream>>;
  readonly timer: NodeJS.Timeout;
}

type Kind = 'error' | 'data';

/**
 * Finds the streams that belong together. Clients open the error stream first and give both the same request id; the
 * oldest ones give none, and open the data stream right after.
 * INVARIANT: each stream that waits here is open, and for at most `timeoutMs` milliseconds.
 */
export class StreamPairs {
  private readonly halves = new Map<string, Half>();

  constructor(
    private readonly timeoutMs: number,
    private readonly onFirst: (port: number) => PairTaker,
  ) {}

  /** Accepts a stream, or resets one that says of itself neither port nor kind. */
  add(stream: SpdyStream): void {
    const port = portOf(stream.headers.get('port') ?? '');
    const kind = stream.headers.get('streamtype');
    if (port === undefined || (kind !== 'error' && kind !== 'data')) return stream.reset();
    const key = keyOf(stream, kind);
    const half = this.halves.get(key) ?? this.begin(key, port);
    if (half.streams[kind] !== undefined || half.port !== port) {
      stream.reset();
      const again = `there is a second ${kind} stream for ${key}`;
      this.fail(key, half, half.port === port ? again : `the streams for ${key} name different ports`);
      return;
    }
    half.streams[kind] = stream;
    stream.reply();
    // The client has nothing to say here; it ends its side at once.
    if (kind === 'error') stream.resume();
    stream.once('close', () => this.fail(key, half, `a stream for ${key} was reset`));
    const { error, data } = half.streams;
    if (error === undefined || data === undefined) return;
    this.forget(key, half);
    half.taker.take({ error, data });
  }

  close(): void {
    for (const [key, half] of this.halves) this.fail(key, half, 'the connection has ended');
  }

  private begin(key: string, port: number): Half {
    const fail = (): void => this.fail(key, half, 'timed out waiting for streams');
    const timer = setTimeout(fail, this.timeoutMs);
    const half: Half = { port, taker: this.onFirst(port), streams: {}, timer };
    this.halves.set(key, half);
    return half;
  }

  private fail(key: string, half: Half, text: string): void {
    if (this.halves.get(key) !== half) return;
    this.forget(key, half);
    half.streams.error?.end(text);
    half.streams.data?.reset();
    half.taker.giveUp();
  }

  private forget(key: string, half: Half): void {
    this.halves.delete(key);
    clearTimeout(half.timer);
  }
}

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function keyOf(stream: SpdyStream, kind: Kind): string {
  const id = stream.headers.get('requestid') ?? '';
  if (id !== '') return `request ${JSON.stringify(id)}`;
  return `stream ${kind === 'error' ? stream.id : stream.id - 2}`;
}
