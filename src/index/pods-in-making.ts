import type { NodeRecord, NodeSandbox } from './node-record';

/**
 * The sandboxes that RunPodSandbox has begun and not finished. Docker runs one before it has its network, and a kubelet that
 * sees it then remembers a ready pod without an address, which it kills at its next look (kubernetes#82754).
 * INVARIANT: an entry lives as long as its call.
 */
export class PodsInMaking {
  /** The ids that have come up meanwhile, by the names of the pause containers. */
  private readonly begun = new Map<string, Set<string>>();

  /** @param name of its pause container. Calls with one name are serialised by whoever makes pods. */
  async whileMaking<T>(name: string, make: () => Promise<T>): Promise<T> {
    this.begun.set(name, new Set());
    try {
      return await make();
    } finally {
      this.begun.delete(name);
    }
  }

  onChange(before: NodeRecord | undefined, after: NodeRecord | undefined): void {
    if (before === undefined && after?.kind === 'podsandbox') this.begun.get(after.name)?.add(after.id);
  }

  /** Not one that was there before the call: the call may have been made again for a pod that is complete. */
  has({ id, name }: NodeSandbox): boolean {
    return this.begun.get(name)?.has(id) === true;
  }
}
