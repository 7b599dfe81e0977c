import type { Engine } from '../../docker/engine';
import { checkRuns, findContainer } from '../../index/find-container';
import type { CallContext } from '../../lib/call-context';
import type { AttachSession, RemoteStreams } from '../../streaming/remote-command';
import { DETACH_KEYS } from './detach-keys';
import { followSizes } from './follow-sizes';
import { relay } from './relay';

/**
 * How long a client may leave the container's output unread, in milliseconds. Docker keeps a megabyte for it; from then on
 * the container itself can't write any more, so a client that has stopped reading must not stay.
 */
const STALL_MS = 30_000;

export interface RunAttachNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'attachContainer' | 'resizeContainer'>;
}

/** Joins a client to a container's main process, until that ends, or the client's input does. */
export async function runAttach(
  { engine }: RunAttachNeeds,
  session: AttachSession,
  streams: RemoteStreams,
  ctx: CallContext,
): Promise<void> {
  const container = await findContainer(engine, ctx, session.containerId);
  checkRuns(container);
  // The container decides, whatever the client believes.
  const { Tty: tty = false, OpenStdin: takesInput = false } = container.Config;
  const stdin = takesInput ? streams.stdin : undefined;
  if (stdin === undefined) streams.stdin?.resume();
  const connection = await engine.attachContainer(ctx, container.Id, {
    stdin: stdin !== undefined,
    detachKeys: DETACH_KEYS,
  });
  void followSizes(tty ? streams.sizes : undefined, (size) => engine.resizeContainer(ctx, container.Id, size), ctx);
  // A client that expects a terminal has one stream for both.
  const stderr = session.tty ? streams.stdout : streams.stderr;
  const { stdout } = streams;
  await relay(connection, { stdin, stdout, stderr }, { tty, passInputEnd: true, stallMs: STALL_MS }, ctx);
  if (ctx.signal.aborted) throw ctx.signal.reason;
}
