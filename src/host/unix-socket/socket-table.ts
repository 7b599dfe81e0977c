import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A unix socket of this network namespace, as the kernel lists it. */
export interface UnixSocket {
  readonly inode: string;
  readonly listens: boolean;
  /** Where it was bound; empty for one without a name. */
  readonly path: string;
}

/** In the flags column: the socket listens (the kernel's SO_ACCEPTCON). */
const LISTENING = 0x10000;
/** Num RefCount Protocol Flags Type St Inode Path */
const ROW = /^\S+ \S+ \S+ ([0-9A-F]+) \S+ \S+ +(\d+)(?: (.*))?$/;

/** @param proc the process file system */
export async function unixSockets(proc: string): Promise<UnixSocket[]> {
  const table = await readFile(join(proc, 'net/unix'), 'utf8');
  return table.split('\n').flatMap((line) => {
    const [, flags, inode, path = ''] = ROW.exec(line) ?? [];
    if (flags === undefined || inode === undefined) return [];
    return [{ inode, listens: (parseInt(flags, 16) & LISTENING) !== 0, path }];
  });
}

/** The inode of the socket behind a link of /proc/PID/fd; undefined for what is none, or gone. */
export async function socketInode(link: string): Promise<string | undefined> {
  const target = await readlink(link).catch(() => '');
  return /^socket:\[(\d+)\]$/.exec(target)?.[1];
}
