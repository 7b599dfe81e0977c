import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ok, problem, warning, type Finding } from './finding';

/** Of the file system, in hundredths. The kubelet starts to evict pods at 10 to 15. */
const LITTLE_FREE = 10;
const NEXT_TO_NOTHING = 2;
/** Between the engine's clock and this one, in milliseconds: the same machine, and a call between. */
const CLOCK_SLACK_MS = 5_000;
/** What the shim needs, `engines` in package.json. */
const OLDEST_NODE = [20, 19] as const;

export function rootFinding(uid: number | undefined): Finding {
  if (uid === 0) return ok('user', 'root');
  return problem('user', `user ${uid}`, 'run as root: cgroups, namespaces and the engine are out of reach otherwise');
}

export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return ok('node', version);
  return problem('node', `Node.js ${version}`, `install Node.js ${OLDEST_NODE.join('.')} or later`);
}

/** @param lowest the lowest OOM score that can be given on this host */
export function oomFinding(lowest: number): Finding {
  if (lowest <= -1000) return ok('OOM scores', 'any can be given');
  const says = `none below ${lowest} can be given here: critical pods are killed as readily as others`;
  return warning('OOM scores', says, 'run where CAP_SYS_RESOURCE is granted (not nested in a container)');
}

/** Port-forward enters pods' namespaces by util-linux's nsenter. */
export function nsenterFinding(found: string | undefined): Finding {
  if (found !== undefined) return ok('namespaces', `they are entered with ${found}`);
  return problem('namespaces', 'nsenter is not in PATH: port-forward cannot enter a pod', 'install util-linux');
}

/** A clock before the program was made is wrong, and certificates and logs with it. */
export function clockFinding(now: number, engineNow: number, programMade: number): Finding {
  const subject = 'clock';
  if (now < programMade) {
    const says = `it is ${iso(now)} here, before this program was installed (${iso(programMade)})`;
    return problem(subject, says, 'set the clock: see that chrony or systemd-timesyncd runs');
  }
  const apart = Math.round(Math.abs(now - engineNow));
  if (apart > CLOCK_SLACK_MS) {
    const says = `the engine's clock is ${apart / 1000} s away from this one`;
    return warning(subject, says, 'see that both are on one machine, and that its clock is not being set just now');
  }
  return ok(subject, iso(now));
}

/** Room on the file system of a directory, or of the nearest one above it that is there. */
export async function roomFinding(what: string, directory: string): Promise<Finding> {
  const there = await nearest(directory);
  const { bavail, blocks, bsize } = await statfs(there);
  const hundredths = blocks === 0 ? 100 : Math.floor((bavail / blocks) * 100);
  const says = `${what}, ${directory}: ${gibibytes(bavail * bsize)} GiB free, ${hundredths} %`;
  const advice = 'remove images that nobody uses (crictl rmi --prune), or give it a larger disk';
  if (hundredths < NEXT_TO_NOTHING) return problem('disk', says, advice);
  if (hundredths < LITTLE_FREE) return warning('disk', says, advice);
  return ok('disk', says);
}

async function nearest(directory: string): Promise<string> {
  const there = await stat(directory).catch(() => undefined);
  return there !== undefined || directory === '/' ? directory : await nearest(dirname(directory));
}

function gibibytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
