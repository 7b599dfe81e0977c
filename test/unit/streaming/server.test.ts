import { silentLog } from '../../../src/lib/log';
import { StreamingServer } from '../../../src/streaming/server';

/** @param host what it listens on */
async function urlOf(host: string): Promise<URL> {
  const server = new StreamingServer({
    host,
    port: 0,
    maxSessions: 1,
    serveRemoteCommand: () => Promise.resolve(),
    servePortForward: () => Promise.resolve(),
    log: silentLog,
  });
  await server.start();
  try {
    return new URL(server.url({ kind: 'portforward', sandboxId: 'pod', ports: [] }));
  } finally {
    await server.stop();
  }
}

it.each([
  ['127.0.0.1', '127.0.0.1'],
  // An address that means all of them is none to connect to.
  ['0.0.0.0', '127.0.0.1'],
  ['::1', '[::1]'],
  ['::', '[::1]'],
])('names an address that its client can connect to: %s by %s', async (host, named) => {
  const url = await urlOf(host);
  expect([url.protocol, url.hostname]).toEqual(['http:', named]);
  expect(Number(url.port)).toBeGreaterThan(0);
});
