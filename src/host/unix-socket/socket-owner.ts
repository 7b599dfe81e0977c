import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { socketInode, unixSockets } from './socket-table';

/** A process that listens. */
export interface SocketOwner {
  readonly pid: number;
  /** The program's name, as the kernel has it: at most 15 characters. */
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * A socket may be bound under a name in a hidden directory beside its place, and moved when it has its mode, as this shim
 * does: the kernel goes on listing it by that name.
 */
function isAt(listed: string, path: string): boolean {
  const place = dirname(dirname(listed));
  const moved = basename(listed) === basename(path) && place === dirname(path) && /\/\.\w{6}$/.test(dirname(listed));
  return listed === path || moved;
}

/**
 * Who listens on a unix socket's path; several when it was passed on, as by systemd, whose own process comes first.
 * None when nobody does: what is at the path, if anything, was left over. Needs root to see other users' processes.
 * @param proc the process file system
 */
export async function socketOwners(path: string, proc = '/proc'): Promise<SocketOwner[]> {
  const listeners = (await unixSockets(proc)).filter((socket) => socket.listens && isAt(socket.path, path));
  const inodes = new Set(listeners.map(({ inode }) => inode));
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
