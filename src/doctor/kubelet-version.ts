import { execFile } from 'node:child_process';
import { readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runningProgram } from '../host/running-program';

const TIMEOUT_MS = 5_000;
const ROOT = 0;

/**
 * The version of the kubelet that runs, or else of the one that is installed, such as `1.23.17`; nothing when neither tells it.
 * @param proc the process file system
 * @param installed its program, by default the one in PATH
 */
export async function kubeletVersion(proc: string, installed = 'kubelet'): Promise<string | undefined> {
  const running = await runningProgram('kubelet', proc);
  if (running !== undefined && (await isOfThisHost(proc, running.pid))) {
    const version = await versionOf(join(proc, running.pid, 'exe'));
    if (version !== undefined) return version;
  }
  return await versionOf(installed);
}

/** The kubelet's minor version, or nothing when it isn't known. */
export function minorOf(version: string | undefined): number | undefined {
  const [, minor] = /^v?1\.(\d+)/.exec(version ?? '') ?? [];
  return minor === undefined ? undefined : Number(minor);
}

/** A process may call itself as it likes: no program of a container's, and none of another user's, is started by root. */
async function isOfThisHost(proc: string, pid: string): Promise<boolean> {
  const mounts = (process: string) => readlink(join(proc, process, 'ns/mnt')).catch(() => undefined);
  const [own, its] = await Promise.all([mounts('self'), mounts(pid)]);
  const owner = (await stat(join(proc, pid)).catch(() => undefined))?.uid;
  return own !== undefined && own === its && (owner === ROOT || owner === process.getuid?.());
}

async function versionOf(program: string): Promise<string | undefined> {
  const answer = await promisify(execFile)(program, ['--version'], { timeout: TIMEOUT_MS }).catch(() => undefined);
  return /v(\d+\.\d+\.\S+)/.exec(answer?.stdout ?? '')?.[1];
}
