import type { NodeContainer } from '../index/node-record';

/** Containers by the id of their sandbox. */
export function byPod(containers: readonly NodeContainer[]): ReadonlyMap<string, readonly NodeContainer[]> {
  const pods = new Map<string, NodeContainer[]>();
  for (const container of containers) {
    const pod = pods.get(container.sandboxId);
    if (pod === undefined) pods.set(container.sandboxId, [container]);
    else pod.push(container);
  }
  return pods;
}
