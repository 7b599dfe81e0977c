import { pause, type CallContext } from '../../lib/call-context';
import { messageOf } from '../../lib/errors';
import type { RemoteStreams, TerminalSize } from '../../streaming/remote-command';

/**
 * Engines may refuse a size until the command has started: how often it is tried, and the pause between, in
 * milliseconds.
 */
const TRIES = 20;
const PAUSE_MS = 50;

/** Gives a terminal each size that its client has, to the end of the session. A size that can't be set breaks nothing. */
export async function followSizes(
  sizes: RemoteStreams['sizes'],
  resize: (size: TerminalSize) => Promise<void>,
  ctx: CallContext,
): Promise<void> {
  try {
    for await (const size of sizes ?? []) await setSize(size, resize, ctx);
  } catch (error) {
    ctx.log.debug('a terminal does not follow its client', { error: messageOf(error) });
  }
}

async function setSize(
  size: TerminalSize,
  resize: (size: TerminalSize) => Promise<void>,
  ctx: CallContext,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await resize(size);
    } catch (error) {
      if (attempt === TRIES) throw error;
      await pause(ctx, PAUSE_MS);
    }
  }
}
