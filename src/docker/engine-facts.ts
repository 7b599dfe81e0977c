import type { CallContext } from '../lib/call-context';
import { Expiring } from '../lib/expiring';
import { compareApiVersions } from './api-version';
import type { Engine } from './engine';
import type { EngineInfo } from './types';

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
  readonly cgroupV2: boolean;
  /** It runs with --selinux-enabled. */
  readonly selinux: boolean;
  readonly appArmor: boolean;
  readonly seccomp: boolean;
}

/** For what an engine takes over from its daemon.json without a restart, such as its runtimes. */
const LIFETIME_MS = 30_000;

type FactsEngine = Pick<Engine, 'info' | 'version' | 'apiVersion' | 'generation'>;

/** The facts, asked for when first needed, when they are old, and when the engine may be another one. */
export function engineFacts(engine: FactsEngine): { get(ctx: CallContext): Promise<EngineFacts> } {
  const known = new Expiring(
    async (ctx) => ({ generation: engine.generation, facts: await ask(engine, ctx) }),
    LIFETIME_MS,
  );
  return {
    async get(ctx) {
      const { generation, facts } = await known.get(ctx);
      if (generation === engine.generation) return facts;
      known.forget();
      return (await known.get(ctx)).facts;
    },
  };
}

async function ask(engine: FactsEngine, ctx: CallContext): Promise<EngineFacts> {
  const apiVersion = await engine.apiVersion(ctx);
  const [info, version] = await Promise.all([engine.info(ctx), engine.version(ctx)]);
  return {
    version: version.Version,
    apiVersion,
    rootDirectory: info.DockerRootDir,
    cgroupDriver: info.CgroupDriver || 'cgroupfs',
    loggingDriver: info.LoggingDriver,
    runtimes: { names: Object.keys(info.Runtimes ?? {}), default: info.DefaultRuntime ?? 'runc' },
    recursiveReadOnly: compareApiVersions(apiVersion, '1.44') >= 0,
    cgroupV2: info.CgroupVersion === '2',
    selinux: hasSecurity(info, 'selinux'),
    appArmor: hasSecurity(info, 'apparmor'),
    seccomp: hasSecurity(info, 'seccomp'),
  };
}

/** Its entries are such as `name=selinux` and `name=seccomp,profile=builtin`. */
function hasSecurity(info: EngineInfo, name: string): boolean {
  return (info.SecurityOptions ?? []).some((option) => option.split(',')[0] === `name=${name}`);
}
