import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { BUILT_IN_PAUSE_IMAGE } from '../../src/sandbox/pause/image-archive';
import { ScriptedPlugins } from './cni-plugins';
import { dockerOn, ENGINE_SOCKET } from './engine-under-test';
import { temporaryDirectory } from './temporary-directory';

const NETWORK = 'cni-faults';
const BRIDGE = 'cni-faults0';

/** A CNI network of real plugins, of which the last one fails as the test wants, and an account of what pods leave. */
export interface FaultBench {
  /** In the names of the test's containers, as their pods' namespace. */
  readonly namespace: string;
  path(...names: string[]): string;
  /** Of `dockershim serve`. */
  flags(): string[];
  /** What the last plugin does from now on, such as `ADD hangs` or `DEL fails`; in `only`, for the pod with this name. */
  fault(what: string, only?: string): void;
  heal(): void;
  /** Another name for the last plugin, before the shim starts. */
  endChainWith(plugin: string): void;
  /** All that there is of pods, in words. */
  left(): Promise<string[]>;
  /** Returns also when that never comes: the test says what is left. */
  untilNothingIsLeft(): Promise<void>;
}

/**
 * Gives each test of the file a bench of its own. What ends the shim after a test comes before the call of it: hooks run in
 * order, and the shim writes to the directory that is removed here.
 * @param engineSocket of the engine of the pods
 * @param faulty the name of the last plugin of the chain, which does what `fault` asks for, and else nothing. With one that
 *   the shim knows, such as `sbr`, pauses are stopped while the plugins are at work; with another, afterwards.
 */
export function faultBench(subject: string, engineSocket = (): string => ENGINE_SOCKET, faulty = 'faulty'): FaultBench {
  let tests = 0;
  /** The chains and rules of before: other tests, and pods of a machine's own, may have left some. */
  let foreign = new Set<string>();
  const namespace = (): string => `dockershim-test-${process.pid}-${subject}-${tests}`;
  const containers = async (): Promise<string[]> => {
    const ids = await dockerOn(engineSocket(), 'ps', '--all', '--quiet', '--filter', `name=${namespace()}`);
    return ids.split('\n').filter((id) => id !== '');
  };
  // Before the directory is removed, in which they may be at work.
  afterEach(async () => {
    const ids = await containers();
    if (ids.length > 0) await dockerOn(engineSocket(), 'rm', '--force', ...ids);
  });

  const directory = temporaryDirectory();
  const faultFile = (): string => directory.path('fault');

  const left = async (): Promise<string[]> => {
    const rules = linesOf('iptables-save').filter((rule) => !foreign.has(nameOf(rule)));
    const entries = (...names: string[]): string[] => namesIn(directory.path(...names));
    const found: Record<string, string[]> = {
      container: await containers(),
      address: entries('addresses', NETWORK).filter((name) => name.startsWith('10.')),
      'cache entry': entries('cache', 'results'),
      checkpoint: ['cri-dockerd/sandbox', 'root/sandbox'].flatMap((place) =>
        // On an engine with other pods the shim makes checkpoints of those too.
        entries(place).filter((name) => readIfAny(directory.path(place, name)).includes(namespace())),
      ),
      'journal entry': entries('root', 'running'),
      // What both plugins make of iptables for no single pod stays.
      'host port rules': rules.filter((rule) => /^:CNI-DN-|dnat name: /.test(rule)),
      'masquerading rule': rules.filter((rule) => /^:CNI-[0-9a-f]{20,}/.test(rule)),
      link: linesOf('ip', '-o', 'link', 'show', 'type', 'veth').filter((link) => link.includes(`master ${BRIDGE}`)),
    };
    return Object.keys(found).filter((what) => (found[what] ?? []).length > 0);
  };

  const endChainWith = (plugin: string): void => {
    new ScriptedPlugins(directory.path('bin')).add(plugin, faultyScript(faultFile()));
    writeFileSync(
      directory.path('conf/10-faults.conflist'),
      JSON.stringify(network(directory.path('addresses'), plugin)),
    );
  };

  beforeEach(() => {
    tests += 1;
    foreign = new Set(linesOf('iptables-save').map(nameOf));
    mkdirSync(directory.path('conf'));
    endChainWith(faulty);
  });

  return {
    get namespace() {
      return namespace();
    },
    path: (...names) => directory.path(...names),
    flags: () => [
      `--container-runtime-endpoint=unix://${directory.path('cri.sock')}`,
      `--docker-endpoint=unix://${engineSocket()}`,
      `--root-directory=${directory.path('root')}`,
      `--cri-dockerd-root-directory=${directory.path('cri-dockerd')}`,
      `--pod-infra-container-image=${BUILT_IN_PAUSE_IMAGE}`,
      `--cni-conf-dir=${directory.path('conf')}`,
      `--cni-bin-dir=${directory.path('bin')},/usr/lib/cni`,
      `--cni-cache-dir=${directory.path('cache')}`,
    ],
    fault: (what, only = '') => writeFileSync(faultFile(), `K8S_POD_NAME=${only} ${what}`),
    endChainWith,
    heal: () => rmSync(faultFile(), { force: true }),
    left,
    async untilNothingIsLeft() {
      for (let look = 0; look < 300 && (await left()).length > 0; look += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}

/** A rule or chain without its counters. */
function nameOf(rule: string): string {
  return rule.replace(/ \[\d+:\d+\]$/, '');
}

function network(dataDir: string, faulty: string): object {
  const ipam = { type: 'host-local', ranges: [[{ subnet: '10.188.0.0/24' }]], dataDir };
  const plugins = [
    { type: 'bridge', bridge: BRIDGE, isGateway: true, ipMasq: true, ipam },
    { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    { type: faulty },
  ];
  return { name: NETWORK, cniVersion: '1.0.0', plugins };
}

/** The plugin reads what to do from a file, such as `K8S_POD_NAME=web ADD hangs`. */
function faultyScript(faultFile: string): string {
  const result = `printf '%s' "$input" | '${process.execPath}' -p 'JSON.stringify(JSON.parse(fs.readFileSync(0)).prevResult)'`;
  return [
    `read -r pod fault < '${faultFile}' 2>/dev/null`,
    `case "$CNI_ARGS" in *"$pod"*) ;; *) fault=;; esac`,
    'case "$fault" in',
    // Killed, the pause container takes the namespace along; a DEL that follows has none.
    '  *"$CNI_COMMAND fails without the pause"*)',
    '    pid=${CNI_NETNS#/proc/}; kill -9 "${pid%%/*}"; while [ -e "$CNI_NETNS" ]; do sleep 0.01; done',
    `    echo '{"cniVersion":"1.0.0","code":999,"msg":"the test wants it"}'; exit 1;;`,
    `  *"$CNI_COMMAND fails"*) echo '{"cniVersion":"1.0.0","code":999,"msg":"the test wants it"}'; exit 1;;`,
    `  *"$CNI_COMMAND hangs"*) exec sleep 600;;`,
    `  *"$CNI_COMMAND prints rubbish"*) echo 'rub}{bish'; exit $([ $CNI_COMMAND = ADD ]; echo $?);;`,
    `  *"$CNI_COMMAND kills"*) rm '${faultFile}'; kill -9 $PPID; exit 1;;`,
    'esac',
    `if [ "$CNI_COMMAND" = ADD ]; then ${result}; fi`,
  ].join('\n');
}

function linesOf(command: string, ...args: string[]): string[] {
  // `ip` complains of interfaces that go while it looks.
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n');
}

function readIfAny(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).filter((name) => !name.startsWith('.')) : [];
}
