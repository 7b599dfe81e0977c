import type { Readable, Writable } from 'node:stream';
import type { CallContext } from '../lib/call-context';

export interface TerminalSize {
  /** Columns and rows, 1 to 65535. */
  readonly width: number;
  readonly height: number;
}

/**
 * The client's side of one exec or attach, whatever carries it: SPDY streams or WebSocket channels. A stream that the
 * client did not ask for is undefined.
 */
export interface RemoteStreams {
  /** Ends when the client has said all; is destroyed when the client has gone. */
  readonly stdin: Readable | undefined;
  /** The output streams honour backpressure; ending them is the transport's work. */
  readonly stdout: Writable | undefined;
  readonly stderr: Writable | undefined;
  /** Only with a terminal; ends with the session. */
  readonly sizes: AsyncIterable<TerminalSize> | undefined;
}

/** What was asked for when the URL was given out. */
export interface ExecSession {
  readonly kind: 'exec';
  readonly containerId: string;
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export interface AttachSession {
  readonly kind: 'attach';
  readonly containerId: string;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export type RemoteCommandSession = ExecSession | AttachSession;

/**
 * Runs the session to its end and answers the exit code; an attach that ended answers 0. The context ends when the
 * client has gone or the shim stops.
 * @throws ShimError with a sentence for the client.
 */
export type RunRemoteCommand = (
  session: RemoteCommandSession,
  streams: RemoteStreams,
  ctx: CallContext,
) => Promise<number>;
