import { closeSync, openSync } from 'node:fs';
import { readKernelFile, tellsOfAnEnd } from '../../host/kernel-file';

/** More than the pods of any node whose DEL could fail at the same time. */
const MOST = 1024;

/** A network namespace that an open file of this process keeps, whatever dies in it. */
export interface HeldNamespace {
  readonly path: string;
  /** /proc/PID/net/dev as it was when the file was opened; undefined when it could not be read, or is so no more. */
  readonly devices: string | undefined;
  /** A DEL has failed that may have taken interfaces away. */
  distrustDevices(): void;
}

/**
 * The namespaces of pods that are being taken off their network. Docker's own go with their pause container; these stay
 * until the plugins have done their work, also when that takes more than one call. They don't outlive this process: DEL
 * is then run without a namespace, as after the death of a pause container.
 */
export class HeldNamespaces {
  private readonly bySandbox = new Map<string, OpenNamespace>();

  /** @param most how many are held at the same time */
  constructor(private readonly most = MOST) {}

  /**
   * Opens a namespace, in place of the one that was held of the sandbox before: a pause container that was started again
   * has another. One that is gone leaves what is held.
   * @param netns /proc/PID/ns/net, or '' when it is gone
   * @returns whether its process may end now; false where this process may not open it, or can hold no more
   */
  hold(sandboxId: string, netns: string): boolean {
    if (netns === '') return true;
    if (this.bySandbox.size >= this.most && !this.bySandbox.has(sandboxId)) return false;
    try {
      const file = openSync(netns, 'r');
      const devices = readKernelFile(netns.replace(/ns\/net$/, 'net/dev'));
      this.release(sandboxId);
      this.bySandbox.set(sandboxId, new OpenNamespace(netns, file, devices));
      return true;
    } catch (error) {
      return tellsOfAnEnd(error);
    }
  }

  /** @param netns as the pod has it now: when it has another, what is held of it is of no use */
  of(sandboxId: string, netns: string): HeldNamespace | undefined {
    const held = this.bySandbox.get(sandboxId);
    return netns === '' || netns === held?.openedFrom ? held : undefined;
  }

  release(sandboxId: string): void {
    const held = this.bySandbox.get(sandboxId);
    this.bySandbox.delete(sandboxId);
    if (held !== undefined) closeSync(held.file);
  }
}

class OpenNamespace implements HeldNamespace {
  constructor(
    readonly openedFrom: string,
    readonly file: number,
    public devices: string | undefined,
  ) {}

  get path(): string {
    return `/proc/${process.pid}/fd/${this.file}`;
  }

  distrustDevices(): void {
    this.devices = undefined;
  }
}
