import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { BUNDLE, NODE_ENVIRONMENT, NODE_FLAGS, ROOT } from './project.mjs';
import { CannotGoOn } from './report.mjs';

/** What dpkg leaves to whoever has changed it. */
export const CONFFILES = ['/etc/dockershim/config.yaml'];

/** The files of a package: where they are in this repository, or what is in them, and where they go. */
function files(node) {
  const deploy = (...names) => path.join(ROOT, 'deploy', ...names);
  const printed = (...args) => execFileSync(process.execPath, [BUNDLE, ...args], { encoding: 'utf8' });
  const doc = 'usr/share/doc/dockershim';
  return [
    { to: 'usr/bin/dockershim', text: wrapper(deploy('debian/dockershim')), mode: 0o755 },
    { to: 'usr/lib/dockershim/dockershim.js', from: BUNDLE },
    { to: 'usr/lib/dockershim/node', from: node.program, mode: 0o755 },
    { to: 'usr/lib/systemd/system/dockershim.service', from: deploy('systemd/dockershim.service') },
    { to: 'usr/lib/systemd/system/dockershim.socket', from: deploy('systemd/dockershim.socket') },
    { to: 'etc/dockershim/config.yaml', from: deploy('debian/config.yaml') },
    { to: 'usr/share/man/man8/dockershim.8.gz', text: gzipped(readFileSync(deploy('man/dockershim.8'))) },
    { to: 'usr/share/bash-completion/completions/dockershim', text: printed('completion', 'bash') },
    { to: 'usr/share/zsh/vendor-completions/_dockershim', text: printed('completion', 'zsh') },
    { to: 'usr/share/fish/vendor_completions.d/dockershim.fish', text: printed('completion', 'fish') },
    { to: `${doc}/copyright`, from: path.join(ROOT, 'LICENSE') },
    { to: `${doc}/THIRD-PARTY.txt`, from: path.join(path.dirname(BUNDLE), 'THIRD-PARTY.txt') },
    { to: `${doc}/NODE-LICENSE.txt`, from: node.license },
    { to: `${doc}/README.md`, from: path.join(ROOT, 'README.md') },
    { to: `${doc}/examples/crictl.yaml`, from: deploy('crictl/crictl.yaml') },
    { to: `${doc}/examples/20-dockershim.conf`, from: deploy('kubelet/20-dockershim.conf') },
  ];
}

/**
 * Puts the files of a package under `directory`, as they will be under /.
 * @param node the Node.js to bring along: its program and its license, two files
 */
export function stage(directory, node) {
  chmodSync(directory, 0o755);
  for (const { to, from, text, mode = 0o644 } of files(node)) {
    const target = path.join(directory, to);
    mkdirSync(path.dirname(target), { recursive: true });
    if (from === undefined) {
      writeFileSync(target, text);
    } else {
      copyFileSync(from, target);
    }
    chmodSync(target, mode);
  }
  // Whatever the umask of whoever makes the package: the modes are those on the node.
  const directories = entriesBelow(directory).filter(({ isDirectory }) => isDirectory);
  directories.forEach(({ name }) => chmodSync(path.join(directory, name), 0o755));
}

/** Files, and of the directories those that are the package's alone; not /usr/bin, which is the node's. */
export function ownPaths(directory) {
  const own = entriesBelow(directory).filter(
    ({ name, isDirectory }) => !isDirectory || name.split('/').includes('dockershim'),
  );
  return own.map(({ name }) => name).sort();
}

function entriesBelow(directory) {
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true });
  return entries.map((entry) => ({
    name: path.relative(directory, path.join(entry.parentPath, entry.name)),
    isDirectory: entry.isDirectory(),
  }));
}

/** Of all files below a directory, in bytes. */
export function sizeOf(directory) {
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(path.join(parentPath, name)).size, 0);
}

/** The command, with what Node is started with in it. */
function wrapper(template) {
  const environment = Object.entries(NODE_ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
  const text = readFileSync(template, 'utf8');
  return filledIn(
    filledIn(text, '@NODE_ENVIRONMENT@', environment.join(' '), template),
    '@NODE_FLAGS@',
    NODE_FLAGS.join(' '),
    template,
  );
}

function filledIn(text, place, value, template) {
  const [before, after, ...others] = text.split(place);
  if (after === undefined || others.length > 0) {
    throw new CannotGoOn(`${template} must have ${place} once.`);
  }
  return `${before}${value}${after}`;
}

/** The same bytes each time. */
function gzipped(bytes) {
  return gzipSync(bytes, { level: 9 });
}
