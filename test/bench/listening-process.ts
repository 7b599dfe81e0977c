import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';

/** Unix sockets that listen have this flag in /proc/net/unix (__SO_ACCEPTCON, linux/net.h). */
const LISTENS = '00010000';

/**
 * The process that listens on a unix socket; of several that hold it, the youngest: systemd holds those of its services.
 * @throws Error when there is none
 */
export function processListeningOn(socket: string): number {
  const listening = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , flags]) => flags === LISTENS)
    .map(([, , , , , , inode, path = '']) => ({ path, link: `socket:[${inode}]` }));
  const found = listening.filter(({ path }) => path === socket);
  // Runtimes bind their socket under another name, beside or below, and rename it.
  const renamed = listening.filter(({ path }) => path.startsWith(`${dirname(socket)}/`) && !existsSync(path));
  const links = (found.length > 0 ? found : renamed).map(({ link }) => link);
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const holder = pids.sort((one, other) => other - one).find((pid) => openFiles(pid).some((at) => links.includes(at)));
  if (holder === undefined) throw new Error(`no process of this machine listens on ${socket}`);
  return holder;
}

/** What the descriptors of a process are; nothing of one that has just ended. */
function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
