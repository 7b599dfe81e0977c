import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PauseArchitecture } from '../../src/sandbox/pause/image-archive';
import { BUILT_IN_PAUSE_IMAGE, pauseImageArchive, pauseImageConfig } from '../../src/sandbox/pause/image-archive';
import { tarArchive } from '../../src/sandbox/pause/tar-archive';

const ENGINE = process.env['DOCKERSHIM_TEST_ENGINE'] ?? '/var/run/docker.sock';
const NAME = `dockershim-pause-test-${process.pid}`;
const BUSYBOX_IMAGE = `${NAME}:busybox`;

/** Of one docker command, so that a container that never ends fails its test. */
const COMMAND_TIMEOUT_MS = 30_000;

jest.setTimeout(2 * COMMAND_TIMEOUT_MS);

/** Runs the docker command on the engine under test; the answer is its standard output. */
function docker(args: string[], input?: Buffer): string {
  const options = { input, timeout: COMMAND_TIMEOUT_MS };
  const { status, stdout, stderr } = spawnSync('docker', ['-H', `unix://${ENGINE}`, ...args], options);
  if (status !== 0) {
    throw new Error(`docker ${args.join(' ')} ended with ${status}: ${stderr.toString()}`);
  }
  return stdout.toString().trim();
}

function inspect(container: string, field: string): string {
  return docker(['inspect', '--format', `{{${field}}}`, container]);
}

/** A pause container as a sandbox has it at its strictest. */
function runPause(name: string): void {
  const strict = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--network', 'none'];
  docker(['run', '--detach', '--name', name, ...strict, BUILT_IN_PAUSE_IMAGE]);
}

const architecture = docker(['version', '--format', '{{.Server.Arch}}']) as PauseArchitecture;
const containers: string[] = [];

function nextName(role: string): string {
  const name = `${NAME}-${role}-${containers.length}`;
  containers.push(name);
  return name;
}

beforeAll(() => {
  docker(['load'], pauseImageArchive(architecture));
});

afterAll(() => {
  if (containers.length > 0) {
    docker(['rm', '--force', '--volumes', ...containers]);
  }
});

describe('the built-in pause image', () => {
  it('is in Docker as its configuration says', () => {
    const [image] = JSON.parse(docker(['image', 'inspect', BUILT_IN_PAUSE_IMAGE])) as unknown[];
    const { os, config, rootfs } = pauseImageConfig(architecture);

    expect(image).toMatchObject({
      Architecture: architecture,
      Os: os,
      RepoTags: [BUILT_IN_PAUSE_IMAGE],
      Config: { User: config.User, Entrypoint: config.Entrypoint },
      RootFS: { Layers: rootfs.diff_ids },
    });
  });

  it('stays the same image when it is loaded again', () => {
    const id = inspect(BUILT_IN_PAUSE_IMAGE, '.Id');

    docker(['load'], pauseImageArchive(architecture));

    expect(inspect(BUILT_IN_PAUSE_IMAGE, '.Id')).toBe(id);
  });
});

describe('a pause container', () => {
  it.each(['SIGTERM', 'SIGINT'])('ends with status 0 on %s', (signal) => {
    const pause = nextName('signal');
    runPause(pause);
    expect(inspect(pause, '.State.Status')).toBe('running');

    docker(['kill', '--signal', signal, pause]);

    expect(docker(['wait', pause])).toBe('0');
  });

  it('is stopped without being killed', () => {
    const pause = nextName('stop');
    runPause(pause);

    docker(['stop', pause]);

    expect(inspect(pause, '.State.ExitCode')).toBe('0');
  });
});

describe('a PID namespace shared with pause', () => {
  let member: string;

  /** Runs a shell script in the member, which sees pause as PID 1. */
  function script(text: string): string {
    return docker(['exec', member, '/busybox', 'sh', '-c', text]);
  }

  /** What is left in /proc of these processes, zombies included, once it is nothing or a while has gone by. */
  async function leftOf(pids: string[]): Promise<string> {
    const list = `for pid in ${pids.join(' ')}; do /busybox grep -s State /proc/$pid/status; done; true`;
    let left = script(list);
    for (let attempt = 0; left !== '' && attempt < 50; attempt += 1) {
      await sleep(100);
      left = script(list);
    }
    return left;
  }

  beforeAll(() => {
    const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
    if (busybox === undefined) {
      throw new Error('no static busybox on this machine: install busybox-static');
    }
    const root = tarArchive([{ name: 'busybox', mode: 0o555, content: readFileSync(busybox) }]);
    docker(['import', '-', BUSYBOX_IMAGE], root);
    const pause = nextName('shared');
    runPause(pause);
    member = nextName('member');
    const shared = [`--pid=container:${pause}`, '--network', 'none'];
    docker(['run', '--detach', '--name', member, ...shared, BUSYBOX_IMAGE, '/busybox', 'sleep', '3600']);
  });

  afterAll(() => {
    docker(['rm', '--force', member]);
    docker(['image', 'rm', '--force', BUSYBOX_IMAGE]);
  });

  it('has pause as PID 1, as its own user', () => {
    const status = script('/busybox cat /proc/1/status');

    expect(status).toMatch(/^Name:\s+pause$/m);
    expect(status).toMatch(/^Uid:\s+65535\s+65535\s+65535\s+65535$/m);
    expect(status).toMatch(/^Gid:\s+65535\s+65535\s+65535\s+65535$/m);
    expect(status).toMatch(/^State:\s+S/m);
  });

  it('is freed of orphans that end, many at once', async () => {
    const start = '(/busybox sleep 3600 </dev/null >/dev/null 2>&1 & echo $!)';
    const orphans = script(`i=0; while [ $i -lt 50 ]; do ${start}; i=$((i+1)); done`).split('\n');
    const parents = script(`for pid in ${orphans.join(' ')}; do /busybox grep PPid /proc/$pid/status; done`);
    expect(parents.split('\n')).toEqual(orphans.map(() => 'PPid:\t1'));

    script(`kill -9 ${orphans.join(' ')}`);

    expect(await leftOf(orphans)).toBe('');
  });

  it('lives on after an orphan was reaped', async () => {
    const orphan = script('(/busybox true </dev/null >/dev/null 2>&1 & echo $!)');

    expect(await leftOf([orphan])).toBe('');
    expect(script('/busybox cat /proc/1/comm')).toBe('pause');
  });
});
