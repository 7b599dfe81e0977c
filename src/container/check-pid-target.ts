import { NamespaceMode, type ContainerConfig } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { CallContext } from '../lib/call-context';
import { ifFound } from '../lib/errors';
import { invalid } from '../translate/checks';
import { SANDBOX_ID_LABEL } from '../translate/labels';

/**
 * A container may join the PID namespace of another one of its own pod only: Docker alone would let it into every
 * container of the node.
 * @throws ShimError InvalidArgument naming the field.
 */
export async function checkPidTarget(
  engine: Pick<Engine, 'inspectContainer'>,
  ctx: CallContext,
  config: ContainerConfig,
  sandboxId: string,
): Promise<void> {
  const options = config.linux?.securityContext?.namespaceOptions;
  if (options?.pid !== NamespaceMode.TARGET) return;
  const target = await ifFound(engine.inspectContainer(ctx, options.targetId));
  if (target?.Config.Labels?.[SANDBOX_ID_LABEL] !== sandboxId) {
    throw invalid('linux.security_context.namespace_options.target_id', `is no container of pod sandbox ${sandboxId}`);
  }
}
