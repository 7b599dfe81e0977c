import { silentLog } from '../../../../src/lib/log';
import { serveRemoteCommand } from '../../../../src/streaming/remote-command/serve';
import type { RemoteCommandSession, RunRemoteCommand } from '../../../../src/streaming/remote-command';
import { StreamingServer, type StreamingServerOptions } from '../../../../src/streaming/server';

/** The streaming server with a command of the test's own behind it. */
export interface Served {
  readonly server: StreamingServer;
  /** A URL for an exec with these streams. */
  url(streams: Partial<RemoteCommandSession>): string;
  stop(): Promise<void>;
}

export async function serve(
  run: RunRemoteCommand,
  idleTimeoutMs = 60_000,
  limits: Partial<StreamingServerOptions> = {},
): Promise<Served> {
  const server = new StreamingServer({
    host: '127.0.0.1',
    port: 0,
    maxSessions: 10,
    serveRemoteCommand: serveRemoteCommand(run, { idleTimeoutMs }),
    servePortForward: () => Promise.resolve(),
    log: silentLog,
    ...limits,
  });
  await server.start();
  const plain = { kind: 'exec', containerId: 'c', command: ['x'], tty: false } as const;
  return {
    server,
    url: (streams) => server.url({ ...plain, stdin: false, stdout: false, stderr: false, ...streams }),
    stop: () => server.stop(),
  };
}

/** Waits for the end of a stream's data. */
export async function textOf(stream: AsyncIterable<Buffer> | undefined | null): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream ?? []) parts.push(part);
  return Buffer.concat(parts).toString();
}
