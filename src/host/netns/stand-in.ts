import { spawn, type ChildProcess } from 'node:child_process';
import { throwIfEnded, type CallContext } from '../../lib/call-context';
import { ShimError } from '../../lib/errors';
import { untilEnded } from '../../lib/until-ended';

/** A network namespace that is there until it is closed. */
export interface StandInNetns {
  readonly path: string;
  close(): Promise<void>;
}

/** Makes one end of a pair the interface, says so, and waits for the end of its input. `$0` is the interface. */
const SCRIPT = `
  ip link add "$0" type veth peer name peer || exit
  for address; do ip address add "$address" dev "$0" || exit; done
  echo made
  read -r _
`;

/** What is kept of what `ip` complains of, in characters. */
const MAX_WORDS = 500;

/**
 * A namespace in which an interface has the addresses of one that is gone, for programs that would ask it for them.
 * A process holds it; it needs `unshare` (util-linux) and `ip` (iproute2).
 * @param addresses with the lengths of their prefixes, such as `10.1.0.7/24`
 * @throws ShimError Internal when it can't be made
 */
export async function openStandIn(
  ctx: CallContext,
  ifName: string,
  addresses: readonly string[],
): Promise<StandInNetns> {
  throwIfEnded(ctx);
  const args = ['--net', 'sh', '-c', SCRIPT, ifName, ...addresses];
  // It has no pipes when there was no file left for them: then its error event follows.
  const holder: ChildProcess = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let words = '';
  holder.stderr?.setEncoding('utf8').on('data', (part: string) => (words = (words + part).slice(0, MAX_WORDS)));
  holder.stdin?.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    holder.once('error', (error) => resolve(error.message));
    holder.once('close', () => resolve(words.trim()));
  });
  const close = async (): Promise<void> => {
    holder.kill('SIGKILL');
    await ended;
  };
  const made = new Promise<undefined>((resolve) => holder.stdout?.once('data', () => resolve(undefined)));
  try {
    const failure = await untilEnded(ctx, Promise.race([made, ended]));
    if (failure !== undefined) throw new ShimError('Internal', `no network namespace can be made: ${failure}`);
    return { path: `/proc/${holder.pid ?? 0}/ns/net`, close };
  } catch (error) {
    await close();
    throw error;
  }
}
