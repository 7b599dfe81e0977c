import type { Engine } from '../../docker/engine';
import { within, type CallContext } from '../../lib/call-context';
import { messageOf } from '../../lib/errors';
import type { KeyedMutex } from '../../lib/keyed-mutex';
import type { PodNetwork } from '../../network/pod-network';
import type { CheckpointStore } from '../../store/checkpoint';
import { TYPE_LABEL } from '../../translate/labels';
import { takeOffNetwork } from '../take-off-network';

/** How long the plugins may take to free what one vanished pod has left, or what belongs to no pod, in milliseconds. */
const TIMEOUT_MS = 30_000;

export interface GarbageNeeds {
  readonly engine: Pick<Engine, 'listContainers'>;
  readonly pods: KeyedMutex;
  readonly checkpoints: Pick<CheckpointStore, 'ids' | 'read' | 'remove'>;
  readonly network: Pick<PodNetwork, 'detach' | 'knows' | 'knownSandboxes' | 'collectGarbage'>;
}

/**
 * Tears down the sandboxes whose pause container was taken away behind the shim's back, which no client may ever ask for:
 * takes them off their network, and removes their checkpoints. One that fails is logged, and left for the next time.
 * @throws ShimError while the engine does not say which sandboxes there are
 */
export async function tearDownVanished(needs: GarbageNeeds, ctx: CallContext): Promise<void> {
  // Before the sandboxes are listed: each has its container before it has anything else.
  const ids = new Set([...(await needs.checkpoints.ids()), ...(await needs.network.knownSandboxes())]);
  if (ids.size === 0) return;
  const live = new Set(await sandboxIds(needs, ctx));
  for (const id of ids) {
    if (live.has(id)) continue;
    await needs.pods
      .run(ctx, id, () => tearDown(needs, ctx, id))
      .catch((error: unknown) => {
        ctx.log.warn('a sandbox that is gone was not torn down', { sandbox: id, error: messageOf(error) });
      });
  }
}

async function tearDown(needs: GarbageNeeds, ctx: CallContext, id: string): Promise<void> {
  const bounded = within(ctx, TIMEOUT_MS, 'it');
  try {
    await takeOffNetwork(needs, bounded, { id, sandbox: undefined });
    await needs.checkpoints.remove(id);
    ctx.log.info('tore down a sandbox that is gone', { sandbox: id });
  } finally {
    bounded.dispose();
  }
}

/** Asks the plugins to free what belongs to no sandbox, such as the addresses of pods that nobody knows of any more. */
export async function collectGarbage(needs: GarbageNeeds, ctx: CallContext): Promise<void> {
  // No pod is attached meanwhile: a plugin that hangs must not hold them up for longer.
  const bounded = within(ctx, TIMEOUT_MS, 'freeing what belongs to no pod');
  try {
    await needs.network.collectGarbage(bounded, () => sandboxIds(needs, bounded));
  } finally {
    bounded.dispose();
  }
}

async function sandboxIds({ engine }: GarbageNeeds, ctx: CallContext): Promise<string[]> {
  const rows = await engine.listContainers(ctx, { labels: [`${TYPE_LABEL}=podsandbox`] });
  return rows.map((row) => row.Id);
}
