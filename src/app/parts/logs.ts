import { join } from 'node:path';
import type { Config } from '../../config/config';
import type { Engine } from '../../docker/engine';
import type { Log } from '../../lib/log';
import { ContainerLogs } from '../../logs/container-logs';
import { LogOffsets } from '../../store/log-offsets';

/** What writes the containers' output to their CRI logs, and how much of it may wait in Docker's. */
export function logParts({ rootDirectory, containerLogs, containerLogSpoolBytes }: Config, docker: Engine, log: Log) {
  return {
    logs: new ContainerLogs({
      engine: docker,
      offsets: new LogOffsets(join(rootDirectory, 'logs')),
      format: containerLogs,
      log: log.with({ work: 'logs' }),
    }),
    logSpoolBytes: containerLogs === 'cri' ? containerLogSpoolBytes : undefined,
  };
}
