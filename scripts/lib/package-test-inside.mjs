/**
 * Runs in the engine room: a life of the package, step by step, in a root of its own: this machine's files with a tmpfs
 * laid over them, so that nothing of it is left. There is no systemd in it; the program is started by hand, as the unit would.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { CannotGoOn, phase, runMain } from './report.mjs';

const ENGINE = process.env.DOCKERSHIM_TEST_ENGINE;
const STAGE = path.join(path.dirname(ENGINE), 'package-root');
const ROOT = path.join(STAGE, 'root');
const SOCKET = '/run/dockershim-package-test.sock';
const CHECKPOINTS = '/var/lib/dockershim-package-test';
const SERVE = [
  'serve',
  '--network-plugin=bridge',
  `--container-runtime-endpoint=unix://${SOCKET}`,
  `--cri-dockerd-root-directory=${CHECKPOINTS}`,
];

/** A command in the package's root; answers what it printed. */
function inside(...command) {
  try {
    return execFileSync('chroot', [ROOT, ...command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new CannotGoOn(`${command.join(' ')} ended with ${error.status}:\n${error.stdout}${error.stderr}`);
  }
}

function docker(...args) {
  return execFileSync('docker', ['-H', `unix://${ENGINE}`, ...args], { encoding: 'utf8' }).trim();
}

function cri(...args) {
  const env = { ...process.env, CONTAINER_RUNTIME_ENDPOINT: `unix://${ROOT}${SOCKET}` };
  return execFileSync(process.execPath, ['scripts/cri.mjs', ...args], { encoding: 'utf8', env }).trim();
}

function makeRoot() {
  for (const name of ['upper', 'work', 'root']) {
    mkdirSync(path.join(STAGE, name), { recursive: true });
  }
  const layers = `lowerdir=/,upperdir=${STAGE}/upper,workdir=${STAGE}/work`;
  execFileSync('mount', ['-t', 'overlay', 'dockershim-package-test', '-o', layers, ROOT]);
  for (const shared of ['/proc', '/sys', '/dev', path.dirname(ENGINE)]) {
    mkdirSync(path.join(ROOT, shared), { recursive: true });
    execFileSync('mount', ['--rbind', shared, path.join(ROOT, shared)]);
  }
  // As on a machine whose init is not systemd: what this one's says is not of this room.
  execFileSync('mount', ['-t', 'tmpfs', 'dockershim-package-test', path.join(ROOT, 'run')]);
}

/** Where the package's root sees a file too: the overlay shows nothing of what is mounted below /, as /tmp often is. */
function seenInRoot(file) {
  const copy = path.join(path.dirname(ENGINE), path.basename(file));
  copyFileSync(file, copy);
  return copy;
}

/** Starts the installed program; answers how to end it. */
async function serve() {
  const args = [ROOT, '/usr/bin/dockershim', ...SERVE, `--docker-endpoint=unix://${ENGINE}`];
  const shim = spawn('chroot', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => shim.once('exit', resolve));
  for (const started = Date.now(); !existsSync(ROOT + SOCKET); await after(100)) {
    assert.ok(Date.now() - started < 60_000 && shim.exitCode === null, 'the installed shim serves');
  }
  return async () => {
    shim.kill('SIGTERM');
    assert.equal(await ended, 0);
  };
}

const isInstalled = (file) => existsSync(ROOT + file);
const running = (id) => docker('inspect', '--format', '{{.State.Running}} {{.State.StartedAt}}', id);

await runMain(async (packages) => {
  const [first, second] = packages.map(seenInRoot);
  makeRoot();
  const files = [
    '/usr/bin/dockershim',
    '/usr/lib/dockershim/node',
    '/usr/lib/systemd/system/dockershim.service',
    '/usr/share/man/man8/dockershim.8.gz',
    '/usr/share/bash-completion/completions/dockershim',
  ];
  const config = '/etc/dockershim/config.yaml';
  // systemctl needs no systemd for these.
  const enabled = [
    '/etc/systemd/system/multi-user.target.wants/dockershim.service',
    '/etc/systemd/system/sockets.target.wants/dockershim.socket',
  ];
  const isEnabled = () => enabled.filter((link) => lstatSync(ROOT + link, { throwIfNoEntry: false }) !== undefined);
  const hasSystemctl = isInstalled('/usr/bin/systemctl');

  await phase('install', () => {
    inside('dpkg', '--install', first);
    files.forEach((file) => assert.ok(isInstalled(file), file));
    assert.match(inside('dockershim', '--version'), /^dockershim /);
    assert.match(inside('dpkg', '--status', 'dockershim'), /^Status: install ok installed$/m);
    assert.deepEqual(isEnabled(), hasSystemctl ? enabled : []);
    return Promise.resolve();
  });

  let end = await serve();
  const pod = await phase('run a pod', () => Promise.resolve(cri('runp', 'deploy/examples/pod.json')));
  const before = running(pod);
  assert.match(before, /^true /);

  await phase('upgrade: the pod goes on, and what was configured stays', async () => {
    appendFileSync(ROOT + config, 'log-level: warn\n');
    inside('dpkg', '--install', second);
    assert.match(readFileSync(ROOT + config, 'utf8'), /^log-level: warn$/m);
    assert.match(inside('dpkg', '--status', 'dockershim'), /^Version: 1\.0\.0~test2$/m);
    assert.equal(running(pod), before);
    await end();
    end = await serve();
    assert.match(cri('pods'), new RegExp(pod.slice(0, 13)));
    assert.equal(running(pod), before);
  });

  await phase('remove: the pod goes on still', async () => {
    await end();
    inside('dpkg', '--remove', 'dockershim');
    files.forEach((file) => assert.ok(!isInstalled(file), file));
    assert.deepEqual(isEnabled(), []);
    assert.equal(running(pod), before);
    assert.ok(isInstalled(config));
  });

  await phase('purge: nothing is left', () => {
    docker('rm', '--force', pod);
    inside('dpkg', '--purge', 'dockershim');
    const directories = ['/etc/dockershim', '/usr/lib/dockershim', '/usr/share/doc/dockershim'];
    directories.forEach((directory) => assert.ok(!isInstalled(directory), directory));
    // The checkpoints of the in-tree dockershim, if this machine has any, are not the package's.
    const state = path.join(ROOT, '/var/lib/dockershim');
    assert.deepEqual(existsSync(state) ? readdirSync(state).filter((name) => name !== 'sandbox') : [], []);
    return Promise.resolve();
  });
  return 0;
});
