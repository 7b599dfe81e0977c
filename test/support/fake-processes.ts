import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAMESPACE = 'mnt:[1]';

/** Lays out a process file system in `proc`, in which the reader itself is a process of this host. */
export function fakeProcesses(proc: string): void {
  mountNamespace(join(proc, 'self'), NAMESPACE);
}

/** A process of such a file system, of this host as long as its mount namespace is not another. */
export function fakeProcess(proc: string, { pid, comm, args = [], namespace = NAMESPACE }: FakeProcess): void {
  const directory = join(proc, pid);
  mountNamespace(directory, namespace);
  writeFileSync(join(directory, 'comm'), `${comm}\n`);
  writeFileSync(join(directory, 'cmdline'), [`/usr/bin/${comm}`, ...args].map((word) => `${word}\0`).join(''));
}

export interface FakeProcess {
  readonly pid: string;
  readonly comm: string;
  readonly args?: readonly string[];
  readonly namespace?: string;
}

function mountNamespace(directory: string, namespace: string): void {
  mkdirSync(join(directory, 'ns'), { recursive: true });
  symlinkSync(namespace, join(directory, 'ns/mnt'));
}
