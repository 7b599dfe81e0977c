import type { CallContext } from '../../lib/call-context';
import { messageOf } from '../../lib/errors';
import { refuse } from '../http-answer';
import { endWhenIdle } from '../idle';
import type { RemoteCommandSession, RunRemoteCommand } from '../remote-command';
import type { ServeSession } from '../server';
import { isSpdy, isWebSocket } from '../upgrade';
import type { Outcome } from './outcome';
import type { RemoteClient } from './remote-client';
import { acceptSpdy } from './spdy-client';
import { acceptWebSocket } from './websocket-client';

export interface RemoteCommandOptions {
  /** A session without data for this long, in milliseconds, is ended. */
  readonly idleTimeoutMs: number;
}

/** Serves exec and attach: speaks the client's protocol, and has the session run by `run`. */
export function serveRemoteCommand(
  run: RunRemoteCommand,
  options: RemoteCommandOptions,
): ServeSession<RemoteCommandSession> {
  return async (session, upgrade, ctx) => {
    const idle = endWhenIdle(ctx, options.idleTimeoutMs);
    try {
      let client: RemoteClient | undefined;
      if (isWebSocket(upgrade)) client = acceptWebSocket(session, upgrade, idle);
      else if (isSpdy(upgrade)) client = acceptSpdy(session, upgrade, idle);
      else refuse(upgrade.socket, 400, 'only SPDY/3.1 and WebSocket are spoken here');
      if (client === undefined) return;
      idle.watch(client);
      await client.finish(await runToItsEnd(run, session, client, idle));
    } finally {
      idle.dispose();
    }
  };
}

async function runToItsEnd(
  run: RunRemoteCommand,
  session: RemoteCommandSession,
  client: RemoteClient,
  ctx: CallContext,
): Promise<Outcome> {
  try {
    return { exitCode: await run(session, await client.streams(), ctx) };
  } catch (error) {
    ctx.log.info('a remote command was broken off', { container: session.containerId, error: messageOf(error) });
    return { error };
  }
}
