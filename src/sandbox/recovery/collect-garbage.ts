import type { Engine } from '../../docker/engine';
import type { CallContext } from '../../lib/call-context';
import { messageOf } from '../../lib/errors';
import type { KeyedMutex } from '../../lib/keyed-mutex';
import type { RepeatedFailures } from '../../lib/repeated-failures';
import type { PodNetwork } from '../../network/pod-network';
import type { CheckpointStore } from '../../store/checkpoint';
import { takeOffNetwork } from '../take-off-network';
import { inTime } from './in-time';
import { listSandboxes } from './list-sandboxes';

export interface GarbageNeeds {
  readonly engine: Pick<Engine, 'listContainers'>;
  readonly pods: KeyedMutex;
  readonly checkpoints: Pick<CheckpointStore, 'ids' | 'read' | 'remove'>;
  readonly network: Pick<PodNetwork, 'detach' | 'knows' | 'knownSandboxes' | 'collectGarbage'>;
}

/**
 * Tears down the sandboxes whose pause container was taken away behind the shim's back, which no client may ever ask for:
 * takes them off their network, and removes their checkpoints. One that fails is logged, once, and left for the next
 * time.
 * @throws ShimError while the engine does not say which sandboxes there are
 */
export async function tearDownVanished(
  needs: GarbageNeeds,
  ctx: CallContext,
  failures: RepeatedFailures<string>,
): Promise<void> {
  // Before the sandboxes are listed: each has its container before it has anything else.
  const ids = new Set([...(await needs.checkpoints.ids()), ...(await needs.network.knownSandboxes())]);
  failures.keepOnly(ids);
  if (ids.size === 0) return;
  const live = new Set(await listSandboxes(needs.engine, ctx));
  for (const id of ids) {
    if (live.has(id)) continue;
    await inTime(ctx, 'tearing it down', (bounded) => tearDown(needs, bounded, id)).catch((error: unknown) => {
      const fields = { sandbox: id, error: messageOf(error) };
      failures.log(ctx.log, id, 'a sandbox that is gone was not torn down', fields);
    });
  }
}

async function tearDown(needs: GarbageNeeds, ctx: CallContext, id: string): Promise<void> {
  await needs.pods.run(ctx, id, async () => {
    await takeOffNetwork(needs, ctx, { id, pause: undefined });
    await needs.checkpoints.remove(id);
    ctx.log.info('tore down a sandbox that is gone', { sandbox: id });
  });
}

/** Asks the plugins to free what belongs to no sandbox, such as the addresses of pods that nobody knows of any more. */
export async function collectGarbage(needs: GarbageNeeds, ctx: CallContext): Promise<void> {
  // No pod is attached or taken off meanwhile: a plugin that hangs must not hold them up for longer.
  await inTime(ctx, 'freeing what belongs to no pod', async (bounded) => {
    await needs.network.collectGarbage(bounded, () => listSandboxes(needs.engine, bounded));
  });
}
