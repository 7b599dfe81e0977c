import { execFile } from 'node:child_process';
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runningProgram } from '../host/running-program';

const TIMEOUT_MS = 5_000;

/** Versions such as `1.23.17`, each nothing when it is not known. They differ while a new package waits for a restart. */
export interface KubeletVersions {
  /** Of the kubelet that runs. */
  readonly running: string | undefined;
  /** Of the program that its next start takes: what is where the running one was started, or else what is installed. */
  readonly next: string | undefined;
}

/**
 * @param proc the process file system
 * @param installed the program where no kubelet runs, by default the one in PATH
 */
export async function kubeletVersions(proc: string, installed = 'kubelet'): Promise<KubeletVersions> {
  const kubelet = await runningProgram('kubelet', proc);
  const exe = join(proc, kubelet?.pid ?? '', 'exe');
  const path = kubelet && (await readlink(exe).catch(() => undefined));
  // Who is not root is not told.
  if (path === undefined) return { running: undefined, next: await versionOf(installed) };
  const running = await versionOf(exe);
  // The kernel's mark on a file that was replaced or removed; the link leads to it all the same.
  const replaced = /^(.*) \(deleted\)$/.exec(path)?.[1];
  return { running, next: replaced === undefined ? running : await versionOf(replaced) };
}

/** The kubelet's minor version, or nothing when it isn't known. */
export function minorOf(version: string | undefined): number | undefined {
  const [, minor] = /^v?1\.(\d+)/.exec(version ?? '') ?? [];
  return minor === undefined ? undefined : Number(minor);
}

async function versionOf(program: string): Promise<string | undefined> {
  const answer = await promisify(execFile)(program, ['--version'], { timeout: TIMEOUT_MS }).catch(() => undefined);
  return /v(\d+\.\d+\.\S+)/.exec(answer?.stdout ?? '')?.[1];
}
