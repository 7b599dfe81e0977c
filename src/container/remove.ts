import type { RemoveContainerRequest, RemoveContainerResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import { pause, type CallContext } from '../lib/call-context';
import { isNotFound, messageOf, whileDoing } from '../lib/errors';
import { LOG_PATH_LABEL } from '../translate/labels';
import { findContainerIfAny } from './find';

/** Between two looks whether somebody else's removal is done, in milliseconds. */
const LOOK_AGAIN_MS = 50;

export interface RemoveNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'removeContainer'>;
  readonly unlinkLog: (logPath: string, containerId: string) => Promise<void>;
}

/** RemoveContainer: kills it if it runs, and removes it with its log. Succeeds when it is gone already. */
export function removeContainer(needs: RemoveNeeds) {
  return async (request: RemoveContainerRequest, ctx: CallContext): Promise<RemoveContainerResponse> => {
    const container = await findContainerIfAny(needs.engine, ctx, request.containerId);
    if (container === undefined) return {};
    try {
      await needs.engine.removeContainer(ctx, container.Id, { force: true });
    } catch (error) {
      if (beingRemoved(error)) await untilGone(needs, ctx, container.Id);
      else if (!isNotFound(error)) throw whileDoing(`remove container ${container.Id}`, error);
    }
    const logPath = container.Config.Labels?.[LOG_PATH_LABEL] ?? '';
    if (logPath !== '') await needs.unlinkLog(logPath, container.Id);
    return {};
  };
}

/** Two removals of one container: Docker refuses the second while the first is under way. */
function beingRemoved(error: unknown): boolean {
  return /removal of container \S+ is already in progress/.test(messageOf(error));
}

async function untilGone(needs: RemoveNeeds, ctx: CallContext, id: string): Promise<void> {
  while ((await findContainerIfAny(needs.engine, ctx, id)) !== undefined) await pause(ctx, LOOK_AGAIN_MS);
}
