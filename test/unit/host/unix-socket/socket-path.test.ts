import { mkdtempSync, openSync, closeSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathOfSocket } from '../../../../src/host/unix-socket/socket-path';

it('knows the path of a socket by its descriptor', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'a socket '));
  const path = join(directory, 'a.sock');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;

  expect(await pathOfSocket(fd)).toBe(path);
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

it('knows none of what is no socket', async () => {
  const fd = openSync('/dev/null', 'r');
  expect(await pathOfSocket(fd)).toBeUndefined();
  closeSync(fd);
});
