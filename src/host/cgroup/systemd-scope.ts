import { execFile } from 'node:child_process';
import { messageOf, ShimError } from '../../lib/errors';

/**
 * Files of cgroup v2 that systemd writes from the properties of a unit (systemd.resource-control(5)). What anybody else
 * writes to them lasts until systemd is reloaded, as every installation of a package does.
 */
const PROPERTIES: ReadonlyMap<string, string> = new Map([
  ['memory.min', 'MemoryMin'],
  ['memory.low', 'MemoryLow'],
  ['memory.high', 'MemoryHigh'],
  ['memory.max', 'MemoryMax'],
  ['memory.swap.max', 'MemorySwapMax'],
  ['cpu.weight', 'CPUWeight'],
  ['pids.max', 'TasksMax'],
  ['cpuset.cpus', 'AllowedCPUs'],
  ['cpuset.mems', 'AllowedMemoryNodes'],
]);

/** systemd answers in milliseconds, unless it hangs. */
const TIMEOUT_MS = 10_000;

/** The files that systemd has properties for, as arguments of `set-property`: `MemoryHigh=4096`. */
export function systemdProperties(files: Readonly<Record<string, string>>): string[] {
  return Object.entries(files).flatMap(([file, value]) => {
    const property = PROPERTIES.get(file);
    // Other values mean nothing to systemd; whether they do to the kernel, writing the file will tell.
    if (property === undefined || !/^(max|[0-9][0-9,-]*)$/.test(value)) return [];
    return [`${property}=${value === 'max' ? 'infinity' : value}`];
  });
}

/**
 * Tells systemd of a container's scope, for as long as the scope lasts.
 * @throws ShimError FailedPrecondition with systemd's words.
 */
export function setScopeProperties(scope: string, properties: readonly string[]): Promise<void> {
  const args = ['set-property', '--runtime', '--', scope, ...properties];
  return new Promise((resolve, reject) => {
    execFile('systemctl', args, { timeout: TIMEOUT_MS }, (error, _stdout, stderr) => {
      if (error === null) return resolve();
      const words = stderr.trim() || messageOf(error);
      reject(new ShimError('FailedPrecondition', `systemd cannot set ${properties.join(', ')}: ${words}`, error));
    });
  });
}
