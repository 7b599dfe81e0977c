import type { Engine } from '../../docker/engine';
import { findSandboxIfAny, podKey } from '../../index/find-container';
import type { CallContext } from '../../lib/call-context';
import { kindOf, messageOf } from '../../lib/errors';
import type { KeyedMutex } from '../../lib/keyed-mutex';
import type { CheckpointStore } from '../../store/checkpoint';
import { checkpointFrom } from '../checkpoint-of';
import { inTime } from './in-time';
import { listSandboxes } from './list-sandboxes';

export interface MendNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'listContainers'>;
  readonly pods: KeyedMutex;
  readonly checkpoints: Pick<CheckpointStore, 'isSound' | 'write'>;
}

/**
 * Sees to it that every sandbox has a checkpoint, so that it can be torn down when its container is gone, and cri-dockerd
 * could take over again: one that is missing, as those of the in-tree dockershim's sandboxes, or corrupt, is made anew of
 * what the container tells. One that can't be is logged, and left for the next start.
 * @throws ShimError while the engine does not answer
 */
export async function mendCheckpoints(needs: MendNeeds, ctx: CallContext): Promise<void> {
  for (const id of await listSandboxes(needs.engine, ctx)) {
    if (await needs.checkpoints.isSound(id)) continue;
    await inTime(ctx, 'looking at it', (bounded) => mend(needs, bounded, id)).catch((error: unknown) => {
      if (ctx.signal.aborted || kindOf(error) === 'Unavailable') throw error;
      notMended(ctx, id, error);
    });
  }
}

async function mend({ engine, pods, checkpoints }: MendNeeds, ctx: CallContext, id: string): Promise<void> {
  const found = await findSandboxIfAny(engine, ctx, id);
  if (found === undefined) return;
  await pods.run(ctx, podKey(found), async () => {
    // Whoever had the pod before has written its checkpoint by now, or removed it with the container.
    const sandbox = await findSandboxIfAny(engine, ctx, id);
    const checkpoint = sandbox && checkpointFrom(sandbox);
    if (checkpoint === undefined || (await checkpoints.isSound(id))) return;
    await checkpoints.write(id, checkpoint).then(
      () => ctx.log.info('a missing or corrupt checkpoint was made anew', { sandbox: id }),
      (error: unknown) => notMended(ctx, id, error),
    );
  });
}

function notMended(ctx: CallContext, id: string, error: unknown): void {
  ctx.log.warn('a checkpoint was not made anew', { sandbox: id, error: messageOf(error) });
}
