import type { EngineRuntimes } from '../docker/engine-facts';
import { ShimError } from '../lib/errors';

type NamedRuntimes = Pick<EngineRuntimes, 'names' | 'default'>;

/** cri-dockerd's name for the engine's default runtime, accepted for the clusters that use it. */
const DEFAULT_ALIAS = 'docker';

function isDefault(handler: string): boolean {
  return handler === '' || handler === DEFAULT_ALIAS;
}

/** Whether the engine has a runtime for it, as far as these tell. */
export function knowsHandler(handler: string, runtimes: Pick<EngineRuntimes, 'names'>): boolean {
  return isDefault(handler) || runtimes.names.includes(handler);
}

/**
 * The Docker runtime for a CRI runtime handler (the `handler` of a RuntimeClass); empty for the engine's default.
 * @throws ShimError InvalidArgument with the known handlers.
 */
export function dockerRuntime(handler: string, runtimes: NamedRuntimes): string {
  if (isDefault(handler)) return '';
  if (knowsHandler(handler, runtimes)) return handler;
  const known = [...runtimes.names].sort().join(', ');
  throw new ShimError(
    'InvalidArgument',
    `runtime_handler ${JSON.stringify(handler)} is none of this Docker Engine's runtimes (${known}): add it to daemon.json`,
  );
}

/** The handler that a sandbox was made with. Docker writes its default runtime's name where none was asked for. */
export function readRuntimeHandler(runtime: string | undefined, runtimes: NamedRuntimes): string {
  return runtime === undefined || runtime === runtimes.default ? '' : runtime;
}

/**
 * The Docker runtime by name: a sandbox that was made with the default one may say nothing of it.
 */
export function runtimeName(runtime: string | undefined, runtimes: NamedRuntimes): string {
  return runtime || runtimes.default;
}
