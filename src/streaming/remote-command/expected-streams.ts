import { ShimError } from '../../lib/errors';
import type { RemoteCommandSession } from '../remote-command';
import type { SpdyStream } from '../spdy/stream';
import type { RemoteCommandVersion } from './spdy-versions';

export type StreamType = 'error' | 'stdin' | 'stdout' | 'stderr' | 'resize';

/**
 * The streams that a client of this version opens for the session. A command must not start before all are there: one
 * that ends before the resize stream is opened would leave Go's client waiting for half a minute.
 */
export function expectedTypes(session: RemoteCommandSession, version: RemoteCommandVersion): StreamType[] {
  return [
    'error',
    ...(session.stdin ? (['stdin'] as const) : []),
    ...(session.stdout ? (['stdout'] as const) : []),
    // With a terminal all output is on stdout.
    ...(session.stderr && !session.tty ? (['stderr'] as const) : []),
    ...(session.tty && version >= 3 ? (['resize'] as const) : []),
  ];
}

/** Collects a client's SPDY streams until all that are expected have come. */
export class ExpectedStreams {
  private readonly found = new Map<string, SpdyStream>();
  private settle: { resolve(): void; reject(error: ShimError): void } | undefined;

  constructor(private readonly types: readonly StreamType[]) {}

  /** Takes the stream if it is expected. Every other one is answered and ignored: a newer client may open more. */
  offer(stream: SpdyStream): void {
    stream.on('error', () => undefined);
    stream.reply();
    const type = stream.headers.get('streamtype') ?? '';
    const wanted = this.types.some((expected) => expected === type) && !this.found.has(type);
    if (wanted) this.found.set(type, stream);
    // Nobody reads the client's half of these: what comes there is thrown away, its end is noticed.
    if (!wanted || (type !== 'stdin' && type !== 'resize')) stream.resume();
    if (this.found.size === this.types.length) this.settle?.resolve();
  }

  get(type: StreamType): SpdyStream | undefined {
    return this.found.get(type);
  }

  /** @throws ShimError DeadlineExceeded when they do not come within `ms` milliseconds, or what `fail` is told. */
  async complete(ms: number): Promise<void> {
    if (this.found.size === this.types.length) return;
    const timer = setTimeout(() => this.fail(this.late(ms)), ms);
    try {
      await new Promise<void>((resolve, reject) => (this.settle = { resolve, reject }));
    } finally {
      clearTimeout(timer);
    }
  }

  fail(error: ShimError): void {
    this.settle?.reject(error);
  }

  private late(ms: number): ShimError {
    const missing = this.types.filter((type) => !this.found.has(type)).join(', ');
    return new ShimError('DeadlineExceeded', `the client did not open its ${missing} stream within ${ms / 1000} s`);
  }
}
