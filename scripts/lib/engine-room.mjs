/**
 * The engine room: a private Docker Engine and one command beside it, in namespaces of their own for processes, mounts
 * and the network. So nothing is shared with an engine that the machine runs already: no bridge, no iptables chain, no
 * host port; there is no way out to any registry; the mounts are shared below /, as systemd has them. When the command ends,
 * or anything at all kills this process, the kernel takes everything away: processes, mounts, links, and the data
 * root, which is a tmpfs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { mountCgroups, removeCgroup } from './cgroups.mjs';
import { runInForeground } from './command.mjs';
import { installMissing, needRoot } from './debian.mjs';
import { ENGINE_PACKAGES, troubleIn } from './docker.mjs';
import { say } from './report.mjs';

/** The cgroup above all containers of the room; what is left below it is removed. Tests name theirs below it too. */
export const ROOM_CGROUP = '/dockershim-test';

/** What the room and the tests in it need of Debian: file or command → package. */
const ROOM_PACKAGES = {
  docker: 'docker-cli', // a package apart from docker.io since Debian 13
  ip: 'iproute2',
  ps: 'procps', // `docker top` runs it
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
  '/usr/share/doc/busybox-static': 'busybox-static', // the test images are made of it
};

const INSIDE = fileURLToPath(new URL('./engine-room-inside.mjs', import.meta.url));

/**
 * Runs a command beside a private Docker Engine, whose socket it finds in DOCKERSHIM_TEST_ENGINE, and answers its exit
 * code. The engine's log is printed when the command fails. DOCKERSHIM_DOCKERD names a directory with another
 * dockerd, containerd and runc to use.
 */
export async function runInEngineRoom(command, args, options = {}) {
  needRoot('start a Docker Engine for the tests');
  const directory = process.env.DOCKERSHIM_DOCKERD;
  const programs = `${directory ? `${directory}:` : ''}${process.env.PATH}:/usr/sbin:/sbin`;
  const env = { ...(options.env ?? process.env), PATH: programs };
  await installMissing(ENGINE_PACKAGES);
  await installMissing(ROOM_PACKAGES);
  await mountCgroups();
  const room = mkdtempSync(path.join(tmpdir(), 'dockershim-test-'));
  try {
    // The shell is process 1 of the room: it reaps orphans, which Node would not. It dies with unshare, which dies
    // with this process.
    const shell = ['sh', '-c', '"$@"; exit $?', 'sh', process.execPath, INSIDE, room, command, ...args];
    const namespaces = ['unshare', '--net', '--mount', '--pid', '--mount-proc', '--fork', '--kill-child'];
    const all = ['--pdeathsig', 'KILL', ...namespaces, ...shell];
    const code = await runInForeground('setpriv', all, { ...options, env, killSignal: 'SIGKILL' });
    if (code !== 0 && code < 128) {
      say(`What the Docker Engine's log complains of:\n${troubleIn(path.join(room, 'dockerd.log'))}`);
    }
    return code;
  } finally {
    rmSync(room, { recursive: true, force: true });
    removeCgroup(ROOM_CGROUP);
  }
}
