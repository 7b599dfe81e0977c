import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { ContainerInspect, EngineInfo } from '../../src/docker/types';

/** The Docker Engine that the engine tests run on. */
export const ENGINE_SOCKET = process.env['DOCKERSHIM_TEST_ENGINE'] ?? '/var/run/docker.sock';

/** The cgroup below which tests put theirs; see test/README.md. */
export const TEST_CGROUP = '/dockershim-test';

const APPLETS = ['sh', 'sleep', 'cat', 'echo', 'id', 'ls', 'hostname', 'nc', 'dd', 'true', 'false', 'kill', 'setsid'];
const MORE_APPLETS = ['head', 'mount', 'umount', 'touch', 'pwd', 'ps', 'tail', 'seq', 'stat', 'mkdir', 'readlink'];

/** Runs the docker command on the engine; the answer is its standard output. Its input is a file, if there is one. */
export async function docker(...args: string[]): Promise<string> {
  return await dockerOn(ENGINE_SOCKET, ...args);
}

/** The same on the engine behind another socket. */
export async function dockerOn(socket: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run('docker', ['-H', `unix://${socket}`, ...args]);
  if (code !== 0) throw new Error(`docker ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout.trim();
}

/** What the engine says of itself, whole: `docker info` of an older command leaves out what a newer engine tells. */
export async function engineInfo(): Promise<EngineInfo> {
  const [answer] = (await once(get({ socketPath: ENGINE_SOCKET, path: '/info' }), 'response')) as [IncomingMessage];
  return (await json(answer)) as EngineInfo;
}

/** `docker inspect` of a container, with everything that Docker says. */
export async function inspect(container: string): Promise<ContainerInspect> {
  const [found] = JSON.parse(await docker('container', 'inspect', container)) as ContainerInspect[];
  if (found === undefined) throw new Error(`docker inspects nothing for ${container}`);
  return found;
}

/** Whether the engine has a container with this id or name. */
export async function exists(container: string): Promise<boolean> {
  const rows = await docker('container', 'ls', '--all', '--quiet', '--no-trunc', '--filter', `id=${container}`);
  const named = await docker('container', 'ls', '--all', '--quiet', '--filter', `name=^/${container}$`);
  return rows !== '' || named !== '';
}

/**
 * Makes an image of the machine's static busybox.
 * @param changes Dockerfile lines, such as `USER 1000`
 */
export async function importBusybox(
  name: string,
  changes: readonly string[] = [],
  socket = ENGINE_SOCKET,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'dockershim-busybox-'));
  try {
    const root = join(directory, 'root');
    for (const part of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev']) await mkdir(join(root, part), { recursive: true });
    await cp('/bin/busybox', join(root, 'bin/busybox'), { dereference: true });
    for (const applet of [...APPLETS, ...MORE_APPLETS]) await symlink('busybox', join(root, 'bin', applet));
    await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\nuser:x:1234:1235:user:/:/bin/sh\n');
    await writeFile(join(root, 'etc/group'), 'root:x:0:\nuser:x:1235:\nextra:x:1236:user\n');
    const archive = join(directory, 'image.tar');
    await run('tar', ['-C', root, '--owner=0', '--group=0', '-cf', archive, '.']);
    const lines = ['ENV PATH=/bin', 'CMD ["sh"]', ...changes].flatMap((line) => ['--change', line]);
    await dockerOn(socket, 'import', ...lines, archive, name);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function run(
  command: string,
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
    child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
