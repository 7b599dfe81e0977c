import { closeSync, constants, openSync, readSync } from 'node:fs';
import { messageOf } from '../lib/errors';
import type { Log } from '../lib/log';

/** deploy/systemd/dockershim.service leaves the shim the device, and the capability that reading it may take. */
export const KERNEL_LOG = '/dev/kmsg';
/** A record is at most 8 KiB (Documentation/ABI/testing/dev-kmsg). */
const LONGEST_RECORD = 8192;
/** The newest ids that are kept. */
const KEPT = 1024;

/**
 * Which containers the kernel has killed processes of for want of memory, from the kernel's log. Docker learns of it from
 * an event that it loses when the container ends at the same moment, as one does whose only process was killed.
 */
export class OomKills {
  private descriptor: number | undefined;
  private isTold = false;
  private readonly killed = new Set<string>();
  private readonly record = Buffer.alloc(LONGEST_RECORD);

  constructor(
    private readonly log: Log,
    private readonly kernelLog = KERNEL_LOG,
  ) {}

  /** Whether the kernel's log tells of a kill in this container. False where the log can't be read. */
  has(containerId: string): boolean {
    if (this.killed.has(containerId)) return true;
    this.readNewRecords();
    return this.killed.has(containerId);
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  /** Each read gives one record; EAGAIN is the end, EPIPE says that older records were overwritten meanwhile. */
  private readNewRecords(): void {
    this.descriptor ??= this.open();
    if (this.descriptor === undefined) return;
    for (;;) {
      try {
        const length = readSync(this.descriptor, this.record);
        if (length === 0) return;
        this.remember(oomKilledContainer(this.record.toString('latin1', 0, length)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EPIPE') return;
      }
    }
  }

  private open(): number | undefined {
    try {
      return openSync(this.kernelLog, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (!this.isTold) this.tell(messageOf(error));
      return undefined;
    }
  }

  private tell(error: string): void {
    this.isTold = true;
    this.log.warn(
      "the kernel's log cannot be read: containers that are killed for want of memory may be shown as failed; give the " +
        'shim the device and CAP_SYSLOG',
      { file: this.kernelLog, error },
    );
  }

  private remember(containerId: string | undefined): void {
    if (containerId === undefined) return;
    this.killed.add(containerId);
    for (const oldest of this.killed) {
      if (this.killed.size <= KEPT) return;
      this.killed.delete(oldest);
    }
  }
}

/**
 * The container id in a record such as `6,9,1,-;oom-kill:constraint=CONSTRAINT_MEMCG,…,task_memcg=/docker/<id>,task=dd,…`
 * (with the systemd driver `…/docker-<id>.scope`).
 */
export function oomKilledContainer(record: string): string | undefined {
  return /;oom-kill:.*,task_memcg=[^,]*[/-]([0-9a-f]{64})/.exec(record)?.[1];
}
