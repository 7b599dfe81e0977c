import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { buildSync } from 'esbuild';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer, type ListenOptions, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RuntimeServiceService, type VersionResponse } from '../../../../generated/runtime/v1/api';
import { chooseActivated, takeActivatedSockets } from '../../../../src/cri/listen/activated-sockets';

const names = { LISTEN_FDS: '2', LISTEN_PID: '42', LISTEN_FDNAMES: 'cri:debug' };
const two = [
  { fd: 3, name: 'cri' },
  { fd: 4, name: 'debug' },
];

test.each<[string, NodeJS.ProcessEnv, typeof two]>([
  ['sockets with names', names, two],
  ['sockets without names', { LISTEN_FDS: '1', LISTEN_PID: '42' }, [{ fd: 3, name: 'unknown' }]],
  ['sockets of another process', { ...names, LISTEN_PID: '7' }, []],
  ['no sockets', { LISTEN_FDS: '0', LISTEN_PID: '42' }, []],
  ['nothing', {}, []],
])('%s are taken out of the environment', (_what, given, expected) => {
  const env = { ...given, PATH: '/bin' };
  expect(takeActivatedSockets(env, 42)).toEqual(expected);
  expect(env).toEqual({ PATH: '/bin' });
});

test('a number of sockets that is none is refused', () => {
  expect(() => takeActivatedSockets({ LISTEN_FDS: 'many', LISTEN_PID: '42' }, 42)).toThrow(
    /LISTEN_FDS must be the number/,
  );
});

test('fd:// means every socket, fd://NAME those of that name', () => {
  expect(chooseActivated(two, undefined)).toEqual(two);
  expect(chooseActivated(two, 'debug')).toEqual([two[1]]);
  expect(() => chooseActivated(two, 'other')).toThrow(
    /fd:\/\/other: the sockets that were passed are named cri, debug/,
  );
  expect(() => chooseActivated([], undefined)).toThrow(
    /fd:\/\/: no socket was passed to this process; start it through/,
  );
});

describe('a process that inherits a socket', () => {
  let directory: string;
  let program: string;
  let path: string;
  let children: ChildProcess[];
  let servers: Server[];

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'activated-'));
    program = join(directory, 'child.js');
    buildSync({
      entryPoints: [join(__dirname, 'activated-child.ts')],
      bundle: true,
      platform: 'node',
      outfile: program,
    });
  });

  beforeEach(() => {
    path = join(mkdtempSync(join(directory, 'test-')), 'cri.sock');
    children = [];
    servers = [];
  });

  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    for (const server of servers) server.close();
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function listeningServer(where: ListenOptions): Promise<Server> {
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(where, resolve));
    return server;
  }

  /** Starts the program with `server`'s descriptor as number 3 and waits for the line that it prints. */
  function start(endpoint: string, server: Server, variables: string): Promise<string> {
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    const child = spawn('/bin/sh', ['-c', `${variables} exec "$@"`, 'sh', process.execPath, program, endpoint], {
      stdio: ['ignore', 'pipe', 'inherit', fd],
    });
    children.push(child);
    return new Promise((resolve, reject) => {
      let text = '';
      child.on('error', reject);
      child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.endsWith('\n')) resolve(text.trim());
      });
    });
  }

  test.each(['fd://', 'fd://cri'])('serves on %s, and passes nothing of it to its children', async (endpoint) => {
    const server = await listeningServer({ path: `${path}.bound` });
    // Under another name than it was bound to, closing our handle leaves the file.
    renameSync(`${path}.bound`, path);
    const said = await start(endpoint, server, 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=cri');
    expect(JSON.parse(said)).toEqual({ left: [], childHasSocket: false });
    await new Promise((resolve) => server.close(resolve));
    expect(await versionOf(path)).toMatchObject({ version: 'activated' });
    expect(existsSync(path)).toBe(true);
  });

  test('says so when no socket was passed to it', async () => {
    const server = await listeningServer({ path });
    const said = await start('fd://', server, 'LISTEN_PID=1 LISTEN_FDS=1');
    expect(said).toMatch(/^refused: cannot serve on fd:\/\/: no socket was passed to this process/);
  });

  test('refuses an IP socket', async () => {
    const server = await listeningServer({ host: '127.0.0.1', port: 0 });
    const said = await start('fd://', server, 'LISTEN_PID=$$ LISTEN_FDS=1');
    expect(said).toMatch(/^refused: .*descriptor 3\): it is not a unix socket/);
  });
});

function versionOf(path: string): Promise<VersionResponse> {
  const { version } = RuntimeServiceService;
  const client = new Client(`unix:${path}`, credentials.createInsecure());
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      version.path,
      version.requestSerialize,
      version.responseDeserialize,
      { version: 'activated' },
      (error: ServiceError | null, response) => {
        client.close();
        if (response) resolve(response);
        else reject(error ?? new Error('no answer'));
      },
    );
  });
}
