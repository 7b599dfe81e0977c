import { readFile, readlink } from 'node:fs/promises';

/** The path of a unix socket that this process has open, by the kernel's list; nothing for one without a name. */
export async function pathOfSocket(fd: number): Promise<string | undefined> {
  const [, inode] = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/self/fd/${fd}`)) ?? [];
  if (inode === undefined) return undefined;
  const table = await readFile('/proc/net/unix', 'utf8');
  for (const line of table.split('\n')) {
    // Num RefCount Protocol Flags Type St Inode Path
    const [, listed, path] = /^(?:\S+\s+){6}(\d+) (\/.*)$/.exec(line) ?? [];
    if (listed === inode) return path;
  }
  return undefined;
}
