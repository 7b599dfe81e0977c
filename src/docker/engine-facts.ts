import type { CallContext } from '../lib/call-context';
import { Expiring } from '../lib/expiring';
import { compareApiVersions } from './api-version';
import type { Engine } from './engine';
import { keepsImagesInContainerd, layerRoots } from './layer-roots';
import type { EngineInfo } from './types';

/** What the shim needs to know of the engine itself; it changes only when the engine is restarted or upgraded. */
export interface EngineFacts {
  readonly version: string;
  readonly apiVersion: string;
  readonly rootDirectory: string;
  /** Directories that may have the layers of images and containers; the first that exists does. */
  readonly layerRoots: readonly string[];
  readonly imagesInContainerd: boolean;
  readonly cgroupDriver: string;
  readonly loggingDriver: string;
  readonly runtimes: EngineRuntimes;
  /** The API can say whether a read-only mount is recursive: 1.44. */
  readonly readOnlyReach: boolean;
  /** Images can be mounted: API 1.48, but for 29.0.0 to 29.1.3. */
  readonly imageMounts: boolean;
  /** It knows the Container Device Interface, and was told to use it. */
  readonly cdi: boolean;
  readonly cgroupV2: boolean;
  readonly swapLimit: boolean;
  /** It runs with --selinux-enabled. */
  readonly selinux: boolean;
  /** It runs with --userns-remap: its containers have other users than the node, unless it is told. */
  readonly remapsUsers: boolean;
  readonly appArmor: boolean;
  readonly seccomp: boolean;
}

/** What an engine calls its runtimes, and which of them is its default. */
export interface EngineRuntimes {
  readonly names: readonly string[];
  readonly default: string;
  /** Those that can make a mount read-only with all that is below it, on this kernel. */
  readonly recursiveReadOnly: readonly string[];
}

/**
 * Docker 29.0.0 to 29.1.3, which makes a directory for each mounted image whose name, with the image's id in it, is longer
 * than file systems take.
 */
const NAMES_MOUNTS_TOO_LONG = /^29\.(0\.|1\.[0-3](?!\d))/;
/** Has mount_setattr(2) with AT_RECURSIVE. */
const RECURSIVE_READ_ONLY_KERNEL = '5.12';
/** The key in a runtime's `status` that has what `runc features` prints. */
const RUNTIME_FEATURES = 'org.opencontainers.runtime-spec.features';

/** For what an engine takes over from its daemon.json without a restart, such as its runtimes. */
const LIFETIME_MS = 30_000;
/**
 * How long an engine may take to say what it is, in milliseconds, while those who ask go by what it said before. It asks
 * its runtimes and plugins, and counts its containers: on a busy node that takes many seconds.
 */
const PATIENCE_MS = 60_000;

type FactsEngine = Pick<Engine, 'info' | 'version' | 'apiVersion' | 'generation'>;

export interface KnownFacts {
  /** The facts, asked for when first needed, when they are old, and when the engine may be another one. */
  get(ctx: CallContext): Promise<EngineFacts>;
  /**
   * The same, however old: waits only when they are first needed, and when the engine may be another one. What is asked
   * for is asked to the end, though the caller leaves.
   */
  last(ctx: CallContext): Promise<EngineFacts>;
}

/** What is known of the engine, for half a minute at least. */
export function engineFacts(engine: FactsEngine): KnownFacts {
  const known = new Expiring(
    async (ctx) => ({ generation: engine.generation, facts: await ask(engine, ctx) }),
    LIFETIME_MS,
    PATIENCE_MS,
  );
  let askedOf = engine.generation;
  // Forgotten once for each engine: the many who come after a restart share one question.
  const ofThisEngine = async (how: 'get' | 'last', ctx: CallContext) => {
    if (askedOf !== engine.generation) known.forget();
    askedOf = engine.generation;
    return await known[how](ctx);
  };
  const read = async (how: 'get' | 'last', ctx: CallContext): Promise<EngineFacts> => {
    const { generation, facts } = await ofThisEngine(how, ctx);
    if (generation === engine.generation) return facts;
    return (await ofThisEngine(how, ctx)).facts;
  };
  return { get: (ctx) => read('get', ctx), last: (ctx) => read('last', ctx) };
}

async function ask(engine: FactsEngine, ctx: CallContext): Promise<EngineFacts> {
  const apiVersion = await engine.apiVersion(ctx);
  const [info, version] = await Promise.all([engine.info(ctx), engine.version(ctx)]);
  return {
    version: version.Version,
    apiVersion,
    rootDirectory: info.DockerRootDir,
    layerRoots: layerRoots(info),
    imagesInContainerd: keepsImagesInContainerd(info),
    cgroupDriver: info.CgroupDriver || 'cgroupfs',
    loggingDriver: info.LoggingDriver,
    runtimes: runtimesOf(info, apiVersion),
    readOnlyReach: compareApiVersions(apiVersion, '1.44') >= 0,
    imageMounts: compareApiVersions(apiVersion, '1.48') >= 0 && !NAMES_MOUNTS_TOO_LONG.test(version.Version),
    cdi: (info.CDISpecDirs ?? []).length > 0,
    cgroupV2: info.CgroupVersion === '2',
    swapLimit: info.SwapLimit ?? false,
    selinux: hasSecurity(info, 'selinux'),
    remapsUsers: hasSecurity(info, 'userns'),
    appArmor: hasSecurity(info, 'apparmor'),
    seccomp: hasSecurity(info, 'seccomp'),
  };
}

/**
 * Whether the engine has a means of confinement switched on. Its entries are such as `name=selinux` and
 * `name=seccomp,profile=builtin`.
 */
export function hasSecurity(info: EngineInfo, name: string): boolean {
  return (info.SecurityOptions ?? []).some((option) => option.split(',')[0] === `name=${name}`);
}

function runtimesOf(info: EngineInfo, apiVersion: string): EngineRuntimes {
  const runtimes = Object.entries(info.Runtimes ?? {});
  const kernel = /^\d+\.\d+/.exec(info.KernelVersion ?? '')?.[0] ?? '0.0';
  const able =
    compareApiVersions(apiVersion, '1.44') >= 0 && compareApiVersions(kernel, RECURSIVE_READ_ONLY_KERNEL) >= 0;
  return {
    names: runtimes.map(([name]) => name),
    default: info.DefaultRuntime ?? 'runc',
    recursiveReadOnly: runtimes
      .filter(([, { status }]) => able && mountOptions(status?.[RUNTIME_FEATURES]).includes('rro'))
      .map(([name]) => name),
  };
}

/** The mount options that a runtime says it knows; none when its words make no sense. */
function mountOptions(features: string | undefined): unknown[] {
  try {
    const { mountOptions: known } = JSON.parse(features ?? '{}') as { readonly mountOptions?: unknown };
    return Array.isArray(known) ? known : [];
  } catch {
    return [];
  }
}
