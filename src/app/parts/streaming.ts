import type { Config } from '../../config/config';
import { runRemoteCommand } from '../../container/remote-command/run';
import type { Engine } from '../../docker/engine';
import { signalProcessTree } from '../../host/process-tree';
import { findSandbox } from '../../index/find-container';
import type { Log } from '../../lib/log';
import { PodDialer } from '../../network/pod-dialer';
import type { PodNetwork } from '../../network/pod-network';
import { servePortForward } from '../../streaming/port-forward/serve';
import { serveRemoteCommand } from '../../streaming/remote-command/serve';
import { StreamingServer, type Session } from '../../streaming/server';

/**
 * A node has some hundred pods; each session holds a socket or two, and rarely anything of what its client sends. It may
 * come to 18 MiB while nobody reads; what WebSocket messages hold before their end is bounded for all together.
 */
const MAX_STREAMING_SESSIONS = 1000;

interface StreamingNeeds {
  readonly current: () => Config;
  readonly engine: Engine;
  readonly network: Pick<PodNetwork, 'addresses'>;
  /** Starts cli/netns-connector.ts as a process of its own. */
  readonly connectorCommand: readonly string[];
  readonly log: Log;
}

/** What is behind the URLs of Exec, Attach and PortForward. */
export function streamingParts({ current, engine, network, connectorCommand, log }: StreamingNeeds) {
  const podDialer = new PodDialer({
    findSandbox: (ctx, id) => findSandbox(engine, ctx, id),
    network,
    connectorCommand,
  });
  const sessions = {
    get idleTimeoutMs() {
      return current().streamingIdleTimeoutMs;
    },
  };
  const streaming = new StreamingServer({
    ...current().streamingAddress,
    maxSessions: MAX_STREAMING_SESSIONS,
    serveRemoteCommand: serveRemoteCommand(runRemoteCommand({ engine, signalProcessTree }), sessions),
    servePortForward: servePortForward((id, port, ctx) => podDialer.dial(id, port, ctx), sessions),
    log,
  });
  /** The pod runs no more: what leads into it ends. */
  const onStopped = async (sandboxId: string): Promise<void> => {
    streaming.endPortForwards(sandboxId);
    await podDialer.forget(sandboxId);
  };
  return { podDialer, streaming, onStopped, streamingUrl: (session: Session) => streaming.url(session) };
}
