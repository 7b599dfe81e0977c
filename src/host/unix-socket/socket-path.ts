import { socketInode, unixSockets } from './socket-table';

/** The path of a unix socket that this process has open, by the kernel's list; nothing for one without a path. */
export async function pathOfSocket(fd: number): Promise<string | undefined> {
  const inode = await socketInode(`/proc/self/fd/${fd}`);
  if (inode === undefined) return undefined;
  return (await unixSockets('/proc')).find((socket) => socket.inode === inode && socket.path.startsWith('/'))?.path;
}
