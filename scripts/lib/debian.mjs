import { existsSync } from 'node:fs';
import path from 'node:path';
import { runQuietly } from './command.mjs';
import { CannotGoOn, phase } from './report.mjs';

/** Where a command is, or undefined. */
export function which(command) {
  const directories = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`.split(':');
  return directories.map((directory) => path.join(directory, command)).find((file) => existsSync(file));
}

/** @throws CannotGoOn when this is not Linux or not root; `purpose` ends the sentence "… is needed to". */
export function needRoot(purpose) {
  if (process.platform !== 'linux') {
    throw new CannotGoOn(`Linux is needed to ${purpose}; this is ${process.platform}.`);
  }
  if (process.getuid() !== 0) {
    throw new CannotGoOn(`root is needed to ${purpose}. Run the same command as root, for instance with sudo.`);
  }
}

/**
 * Installs what is missing with apt-get, recommended packages left out.
 * @param wanted file or command → the Debian package that has it
 */
export async function installMissing(wanted) {
  const missing = Object.keys(wanted).filter((name) => (name.startsWith('/') ? !existsSync(name) : !which(name)));
  const packages = [...new Set(missing.map((name) => wanted[name]))];
  if (packages.length === 0) {
    return;
  }
  const list = packages.join(', ');
  if (!which('apt-get')) {
    throw new CannotGoOn(
      `${list}: missing, and there is no apt-get to install them with. Install them by hand and try again.`,
    );
  }
  needRoot(`install ${list}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const aptGet = (...args) => runQuietly('apt-get', ['-q', ...args], { env });
  const installAll = () => aptGet('install', '-y', '--no-install-recommends', ...packages);
  await phase(`install Debian's ${list} (apt-get)`, async () => {
    // The package lists of a fresh machine are empty or stale; those of a machine in use are good as they are.
    await installAll().catch(async () => {
      await aptGet('update');
      await installAll();
    });
  });
}
