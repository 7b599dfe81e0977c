import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HealthVerbs } from '../../src/cri/health';
import { CriServer, type CriServerOptions } from '../../src/cri/server';
import type { ImageVerbs, RuntimeVerbs } from '../../src/cri/verbs';
import type { Log, LogFields } from '../../src/lib/log';
import { CriClient } from './cri-client';

export interface LogLine {
  readonly level: keyof Omit<Log, 'with'>;
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that is kept, each line with the fields that were bound to it. */
export function keptLog(lines: LogLine[], bound: LogFields = {}): Log {
  const at = (level: LogLine['level']) => (message: string, fields?: LogFields) =>
    void lines.push({ level, message, fields: { ...bound, ...fields } });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => keptLog(lines, { ...bound, ...fields }),
  };
}

/** The gRPC face on a socket of its own, in front of whatever verbs a test gives it. */
export class CriServerUnderTest {
  readonly directory = mkdtempSync(join(tmpdir(), 'cri-server-'));
  readonly socketPath = join(this.directory, 'cri.sock');
  readonly log: LogLine[] = [];
  readonly client: CriClient;
  readonly server: CriServer;

  constructor(
    verbs: { runtime?: Partial<RuntimeVerbs>; image?: Partial<ImageVerbs>; health?: Partial<HealthVerbs> },
    options: Pick<CriServerOptions, 'longestIdleMs'> = {},
  ) {
    const all = {
      runtime: (verbs.runtime ?? {}) as RuntimeVerbs,
      image: (verbs.image ?? {}) as ImageVerbs,
      health: (verbs.health ?? {}) as HealthVerbs,
    };
    const endpoints = [{ kind: 'path', path: this.socketPath }] as const;
    this.server = new CriServer({ endpoints, env: {}, verbs: all, log: keptLog(this.log), ...options });
    this.client = new CriClient(this.socketPath);
  }

  start(): Promise<void> {
    return this.server.start();
  }

  /** Ends it at once. */
  async remove(): Promise<void> {
    this.client.close();
    await this.server.stop(0);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
