import type { Config } from '../../config/config';
import { EngineConnection } from '../../docker/connection';
import { DockerodeEngine } from '../../docker/dockerode-engine';
import { engineFacts } from '../../docker/engine-facts';
import type { CallContext } from '../../lib/call-context';
import type { Telemetry } from '../../telemetry/telemetry';

/**
 * The engine, for those who change nothing that the index shows. They read, or make and remove containers that belong to
 * no pod, as ImageAccounts does. Whoever changes a pod or an image takes the one that tells the index (node.ts).
 */
export function dockerParts(config: Config, telemetry: Pick<Telemetry, 'engine'>) {
  const connection = new EngineConnection(config.dockerSocket, telemetry.engine);
  const docker = new DockerodeEngine(connection);
  const known = engineFacts(docker);
  return {
    connection,
    docker,
    facts: (ctx: CallContext) => known.get(ctx),
    /** However old: for those who have no time to wait, or need what only a restart of the engine changes. */
    lastFacts: (ctx: CallContext) => known.last(ctx),
    runtimes: async (ctx: CallContext) => (await known.last(ctx)).runtimes,
  };
}
