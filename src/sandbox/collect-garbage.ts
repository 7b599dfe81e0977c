import type { Engine } from '../docker/engine';
import { within, type CallContext } from '../lib/call-context';
import type { CheckpointStore } from '../store/checkpoint';
import { TYPE_LABEL } from '../translate/labels';
import type { PodNetwork } from './pod-network';

/** No pod is attached meanwhile: a plugin that hangs must not hold them up for longer, in milliseconds. */
const TIMEOUT_MS = 30_000;

export interface GarbageNeeds {
  readonly engine: Pick<Engine, 'listContainers'>;
  readonly checkpoints: Pick<CheckpointStore, 'ids' | 'remove'>;
  readonly network: PodNetwork;
}

/**
 * Tears down the sandboxes whose pause container has gone while nobody looked: frees what they have of the pod network,
 * and removes their checkpoints.
 * @throws ShimError while the engine does not say which sandboxes there are
 */
export async function collectGarbage(needs: GarbageNeeds, ctx: CallContext): Promise<void> {
  const bounded = within(ctx, TIMEOUT_MS, 'freeing what belongs to no pod');
  try {
    await needs.network.collectGarbage(bounded, () => sandboxIds(needs, bounded));
    // Before the sandboxes are listed: a checkpoint is written when its container is there.
    const checkpointed = await needs.checkpoints.ids();
    if (checkpointed.length === 0) return;
    const live = new Set(await sandboxIds(needs, bounded));
    for (const id of checkpointed.filter((one) => !live.has(one))) {
      await needs.checkpoints.remove(id);
      ctx.log.info('removed the checkpoint of a sandbox that is gone', { sandbox: id });
    }
  } finally {
    bounded.dispose();
  }
}

async function sandboxIds({ engine }: GarbageNeeds, ctx: CallContext): Promise<string[]> {
  const rows = await engine.listContainers(ctx, { labels: [`${TYPE_LABEL}=podsandbox`] });
  return rows.map((row) => row.Id);
}
