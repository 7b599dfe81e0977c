import type { Engine } from '../../docker/engine';
import { findSandboxIfAny, podKey } from '../../index/find-container';
import type { CallContext } from '../../lib/call-context';
import { messageOf } from '../../lib/errors';
import type { KeyedMutex } from '../../lib/keyed-mutex';
import type { CheckpointStore } from '../../store/checkpoint';
import { TYPE_LABEL } from '../../translate/labels';
import { checkpointFrom } from '../checkpoint-of';

export interface MendNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'listContainers'>;
  readonly pods: KeyedMutex;
  readonly checkpoints: Pick<CheckpointStore, 'isSound' | 'write'>;
}

/**
 * Sees to it that every sandbox has a checkpoint, so that it can be torn down when its container is gone, and cri-dockerd
 * could take over again: one that is missing, as those of the in-tree dockershim's sandboxes, or corrupt, is made anew of
 * what the container tells.
 */
export async function mendCheckpoints(needs: MendNeeds, ctx: CallContext): Promise<void> {
  const { engine, pods, checkpoints } = needs;
  for (const { Id: id } of await engine.listContainers(ctx, { labels: [`${TYPE_LABEL}=podsandbox`] })) {
    if (await checkpoints.isSound(id)) continue;
    const found = await findSandboxIfAny(engine, ctx, id);
    if (found === undefined) continue;
    await pods.run(ctx, podKey(found), async () => {
      // Whoever had the pod before has written its checkpoint by now, or removed it with the container.
      const sandbox = await findSandboxIfAny(engine, ctx, id);
      const checkpoint = sandbox && checkpointFrom(sandbox);
      if (checkpoint === undefined || (await checkpoints.isSound(id))) return;
      await checkpoints.write(id, checkpoint).then(
        () => ctx.log.info('a missing or corrupt checkpoint was made anew', { sandbox: id }),
        (error: unknown) => ctx.log.warn('a checkpoint was not made anew', { sandbox: id, error: messageOf(error) }),
      );
    });
  }
}
