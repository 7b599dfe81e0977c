import type { RemoteStreams } from '../remote-command';
import type { Outcome } from './outcome';

/** The client of one exec or attach whose upgrade has been answered, whatever its protocol. */
export interface RemoteClient {
  /**
   * Its streams, once all that were asked for are there.
   * @throws ShimError DeadlineExceeded when they don't come.
   */
  streams(): Promise<RemoteStreams>;
  /** Milliseconds since data last went either way. */
  readonly idleMs: number;
  /**
   * Says how the session ended, after all its output, and ends the connection. Returns when the client has gone. It
   * waits as long as the client takes to read; when the session's context has ended, only a moment.
   */
  finish(outcome: Outcome): Promise<void>;
}

/** How long a client has to open its streams, in milliseconds: what Kubernetes' streaming server allows. */
export const STREAM_CREATION_TIMEOUT_MS = 30_000;

/**
 * How long a client may take to leave when all was said, in milliseconds. What it has not read yet is in the kernel's
 * buffers then, and may be lost when the connection ends under it: so this is generous. `ws` gives the answer to its close as long.
 */
export const LEAVE_TIMEOUT_MS = 30_000;

/** How long the last words may take once the session's context has ended, in milliseconds. */
export const LAST_WORDS_MS = 2_000;
