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
    /** Those of this life of the engine, however old: nobody waits for an engine that is slow to say what it is. */
    facts: (ctx: CallContext) => known.last(ctx),
    /** Half a minute old at most: for what an engine changes without a restart. */
    freshFacts: (ctx: CallContext) => known.get(ctx),
    runtimes: async (ctx: CallContext) => (await known.last(ctx)).runtimes,
  };
}
