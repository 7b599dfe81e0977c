import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { canonicalPath } from './canonical-path';
import { socketInode, unixSockets } from './socket-table';

/** A process that listens. */
export interface SocketOwner {
  readonly pid: number;
  /** The program's name, as the kernel has it: at most 15 characters. */
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * Whether a socket that the kernel lists by the name that it was bound under is at a canonical path. It may have been bound
 * in a hidden directory beside its place, and moved when it had its mode, as this shim does.
 */
async function isAt(listed: string, path: string): Promise<boolean> {
  if (!isAbsolute(listed) || basename(listed) !== basename(path)) return false;
  const moved = /\/\.\w{6}$/.test(dirname(listed)) ? [join(dirname(dirname(listed)), basename(listed))] : [];
  const places = await Promise.all([listed, ...moved].map(canonicalPath));
  return places.includes(path);
}

/**
 * Who listens on a unix socket's path; several when it was passed on, as by systemd, whose own process comes first.
 * None when nobody does: what is at the path, if anything, was left over. Needs root to see other users' processes.
 * @param proc the process file system
 */
export async function socketOwners(path: string, proc = '/proc'): Promise<SocketOwner[]> {
  const place = await canonicalPath(path);
  const inodes = new Set<string>();
  for (const { inode, listens, path: listed } of await unixSockets(proc)) {
    if (listens && (await isAt(listed, place))) inodes.add(inode);
  }
  if (inodes.size === 0) return [];
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name));
  const owners: SocketOwner[] = [];
  for (const pid of pids) {
    if (await hasOpen(join(proc, pid, 'fd'), inodes)) owners.push(await describe(proc, pid));
  }
  return owners;
}

/** A process that ends meanwhile, or isn't ours to look at, has none. */
async function hasOpen(directory: string, inodes: ReadonlySet<string>): Promise<boolean> {
  for (const fd of await readdir(directory).catch(() => [])) {
    const inode = await socketInode(join(directory, fd));
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

async function describe(proc: string, pid: string): Promise<SocketOwner> {
  const comm = await readFile(join(proc, pid, 'comm'), 'utf8').catch(() => '');
  const line = await readFile(join(proc, pid, 'cmdline'), 'utf8').catch(() => '');
  return { pid: Number(pid), program: comm.trim(), args: line.split('\0').filter((arg) => arg !== '') };
}
