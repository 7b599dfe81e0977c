import type { Engine } from '../../src/docker/engine';
import { NodeIndex, type NodeIndexNeeds } from '../../src/index/node-index';
import { silentLog } from '../../src/lib/log';

export const RUNTIMES = { names: ['runc'], default: 'runc', recursiveReadOnly: [] };

/** An index of the engine's node, where nothing else is known of containers. `special` stands in for parts of that. */
export function nodeIndexOver(engine: Engine, special: Partial<NodeIndexNeeds> = {}): NodeIndex {
  return new NodeIndex({
    engine,
    runtimes: () => Promise.resolve(RUNTIMES),
    oomKilled: () => false,
    drain: { drained: () => Promise.resolve() },
    addresses: () => Promise.resolve(['10.0.0.1']),
    oomScoreOf: () => undefined,
    updatedCgroupFiles: () => ({}),
    readCgroupFiles: () => ({}),
    onChange: () => undefined,
    log: silentLog,
    ...special,
  });
}
