import type { Server } from 'node:net';
import { messageOf, ShimError } from '../../lib/errors';
import { listening } from '../../lib/listening';

/** A listening socket that systemd made and this process inherited; sd_listen_fds(3). */
export interface ActivatedSocket {
  readonly fd: number;
  /** FileDescriptorName= of the socket unit; by default the unit's name. */
  readonly name: string;
}

/** The first descriptor that systemd passes: SD_LISTEN_FDS_START. */
const FIRST_FD = 3;

/**
 * Takes the sockets passed to process `pid` out of the environment: LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES are
 * removed from `env`, so that no child believes them meant for itself. Empty when none were passed to this process.
 * @throws ShimError InvalidArgument when the number of sockets isn't a number.
 */
export function takeActivatedSockets(env: NodeJS.ProcessEnv, pid: number): ActivatedSocket[] {
  const { LISTEN_PID: owner, LISTEN_FDS: count, LISTEN_FDNAMES: names } = env;
  delete env['LISTEN_PID'];
  delete env['LISTEN_FDS'];
  delete env['LISTEN_FDNAMES'];
  if (count === undefined || owner !== String(pid)) return [];
  if (!/^\d{1,4}$/.test(count)) {
    throw new ShimError(
      'InvalidArgument',
      `LISTEN_FDS must be the number of sockets passed, not ${JSON.stringify(count)}`,
    );
  }
  const named = names?.split(':') ?? [];
  return Array.from({ length: Number(count) }, (_, n) => ({ fd: FIRST_FD + n, name: named[n] ?? 'unknown' }));
}

/**
 * The sockets that `fd://` (every one) or `fd://NAME` means.
 * @throws ShimError FailedPrecondition when there is none.
 */
export function chooseActivated(passed: readonly ActivatedSocket[], name: string | undefined): ActivatedSocket[] {
  if (passed.length === 0) {
    throw new ShimError(
      'FailedPrecondition',
      `cannot serve on fd://${name ?? ''}: no socket was passed to this process; start it through its systemd socket unit ` +
        '(LISTEN_FDS, and LISTEN_PID of the process itself), or name a path',
    );
  }
  const chosen = passed.filter((socket) => name === undefined || socket.name === name);
  if (chosen.length === 0) {
    const names = passed.map((socket) => socket.name).join(', ');
    throw new ShimError(
      'FailedPrecondition',
      `cannot serve on fd://${name}: the sockets that were passed are named ${names}`,
    );
  }
  return chosen;
}

/**
 * Makes `server` accept the connections of an inherited socket. Its file stays systemd's to make and remove.
 * @throws ShimError FailedPrecondition when the descriptor isn't a unix stream socket.
 */
export async function listenOnActivated(server: Server, socket: ActivatedSocket): Promise<void> {
  const what = `cannot serve on the socket ${socket.name} (descriptor ${socket.fd})`;
  try {
    await listening(server, { fd: socket.fd });
  } catch (error) {
    throw new ShimError('FailedPrecondition', `${what}: ${messageOf(error)}`, error);
  }
  // Only an IP socket has an address object. Over a network this interface would hand out the node's root.
  if (typeof server.address() === 'object' && server.address() !== null) {
    server.close();
    throw new ShimError(
      'FailedPrecondition',
      `${what}: it is not a unix socket; use ListenStream=/path in the socket unit`,
    );
  }
}
