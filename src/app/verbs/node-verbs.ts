import { getContainerEvents } from '../../container/events';
import { runtimeConfig } from '../../runtime/runtime-config';
import { status } from '../../runtime/status';
import { updateRuntimeConfig } from '../../runtime/update-runtime-config';
import { version } from '../../runtime/version';
import type { Parts } from '../parts/build';

/** The verbs of the RuntimeService that are about the runtime and the node as a whole. */
export function nodeVerbs(parts: Parts) {
  const { engine, facts, network, current, logs } = parts;
  return {
    version: version(parts),
    status: status({ engine, facts, network, configuration: () => ({ ...current() }), logLag: () => logs.lag() }),
    runtimeConfig: runtimeConfig(parts),
    updateRuntimeConfig: updateRuntimeConfig(parts),
    getContainerEvents: getContainerEvents(parts),
  };
}
