/** Runs inside the engine room's namespaces: starts its Docker Engine, then the command that it is for. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mountHugetlb, removeCgroup } from './cgroups.mjs';
import { run, runQuietly } from './command.mjs';
import { startDockerd } from './docker.mjs';
import { ROOM_CGROUP } from './engine-room.mjs';
import { phase, runMain } from './report.mjs';

/** Starts dockerd with everything of its own below a tmpfs in `room`; answers its socket. */
async function startEngine(room) {
  const home = path.join(room, 'engine');
  mkdirSync(home);
  await runQuietly('mount', ['-t', 'tmpfs', 'dockershim-test', home]);
  await runQuietly('mount', ['--make-rshared', '/']);
  await mountHugetlb();
  await runQuietly('ip', ['link', 'set', 'lo', 'up']);
  const socket = path.join(home, 'docker.sock');
  const place = ['--data-root', path.join(home, 'data'), '--exec-root', path.join(home, 'exec')];
  const pid = ['--pidfile', path.join(home, 'dockerd.pid')];
  // systemd, if the machine has it, knows nothing of the room's processes: the engine makes its cgroups by itself.
  const cgroups = ['--exec-opt', 'native.cgroupdriver=cgroupfs', '--cgroup-parent', ROOM_CGROUP];
  await startDockerd([...place, ...pid, ...cgroups, ...runtimes(home)], {
    socket,
    logFile: path.join(room, 'dockerd.log'),
  });
  return socket;
}

/** Runtimes beside the default one: runc by another name, which runs everywhere, and crun where it is installed. */
function runtimes(home) {
  const another = path.join(home, 'another-runc');
  writeFileSync(another, '#!/bin/sh\nexec runc "$@"\n', { mode: 0o755 });
  const crun = existsSync('/usr/bin/crun') ? ['--add-runtime', 'crun=/usr/bin/crun'] : [];
  return ['--add-runtime', `another-runc=${another}`, ...crun];
}

await runMain(async ([room, command, ...args]) => {
  const socket = await phase('start a private Docker Engine', () => startEngine(room));
  try {
    const code = await run(command, args, { env: { ...process.env, DOCKERSHIM_TEST_ENGINE: socket } });
    process.exitCode = code;
  } finally {
    removeCgroup(ROOM_CGROUP); // outside there may be no controller of huge pages
  }
  process.exit(); // dockerd is a child that still runs
});
