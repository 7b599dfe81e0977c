import type { CallContext } from '../lib/call-context';
import { Expiring } from '../lib/expiring';
import { compareApiVersions } from './api-version';
import type { Engine } from './engine';

/** What the shim needs to know of the engine itself; it changes only when the engine is restarted or upgraded. */
export interface EngineFacts {
  readonly version: string;
  readonly apiVersion: string;
  readonly rootDirectory: string;
  readonly cgroupDriver: string;
  readonly loggingDriver: string;
  readonly runtimes: { readonly names: readonly string[]; readonly default: string };
  /** Read-only mounts can reach below themselves: API 1.44. */
  readonly recursiveReadOnly: boolean;
  /** It runs with --selinux-enabled. */
  readonly selinux: boolean;
}

/** Long enough to spare the engine, short enough for a restart with another daemon.json to be seen soon. */
const LIFETIME_MS = 30_000;

/** The facts, asked for when first needed and again when they are old. */
export function engineFacts(engine: Pick<Engine, 'info' | 'version' | 'apiVersion'>): Expiring<EngineFacts> {
  return new Expiring((ctx) => ask(engine, ctx), LIFETIME_MS);
}

async function ask(engine: Pick<Engine, 'info' | 'version' | 'apiVersion'>, ctx: CallContext): Promise<EngineFacts> {
  const [info, version, apiVersion] = await Promise.all([
    engine.info(ctx),
    engine.version(ctx),
    engine.apiVersion(ctx),
  ]);
  return {
    version: version.Version,
    apiVersion,
    rootDirectory: info.DockerRootDir,
    cgroupDriver: info.CgroupDriver || 'cgroupfs',
    loggingDriver: info.LoggingDriver,
    runtimes: { names: Object.keys(info.Runtimes ?? {}), default: info.DefaultRuntime ?? 'runc' },
    recursiveReadOnly: compareApiVersions(apiVersion, '1.44') >= 0,
    selinux: (info.SecurityOptions ?? []).some((option) => option.startsWith('name=selinux')),
  };
}
