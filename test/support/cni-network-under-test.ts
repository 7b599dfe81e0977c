import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { silentLog, type Log } from '../../src/lib/log';
import { CniNetwork } from '../../src/network/cni/network';
import { PodCidrFile } from '../../src/store/pod-cidr';
import { answering, ScriptedPlugins } from './cni-plugins';
import { temporaryDirectory } from './temporary-directory';

/** What the scripted plugins answer to ADD: the addresses 10.1.0.7 and fd00::7. */
export const ADD_RESULT = {
  cniVersion: '1.0.0',
  interfaces: [{ name: 'cni0' }, { name: 'eth0', sandbox: '/proc/1/ns/net' }],
  ips: [
    { interface: 1, address: 'fd00::7/64' },
    { interface: 1, address: '10.1.0.7/24', gateway: '10.1.0.1' },
  ],
};

/** Gives each test a node of its own with the scripted plugins `first` and `second`, and no network configured yet. */
export function cniNetworkUnderTest(): CniNetworkUnderTest {
  const node = new CniNetworkUnderTest(temporaryDirectory());
  beforeEach(() => node.prepare());
  afterEach(() => node.stop());
  return node;
}

export class CniNetworkUnderTest {
  private readonly networks: CniNetwork[] = [];
  private scripted: ScriptedPlugins | undefined;

  constructor(private readonly directory: { path(...names: string[]): string }) {}

  prepare(): void {
    this.scripted = new ScriptedPlugins(this.path('bin'));
    this.plugins.add('first', answering(ADD_RESULT));
    this.plugins.add('second', answering(ADD_RESULT));
    mkdirSync(this.path('conf'));
  }

  stop(): void {
    this.networks.splice(0).forEach((network) => network.stop());
  }

  get plugins(): ScriptedPlugins {
    if (this.scripted === undefined) throw new Error('there are plugins during a test only');
    return this.scripted;
  }

  path(...names: string[]): string {
    return this.directory.path(...names);
  }

  /** Writes the network `pods` of the plugins into a configuration file. */
  configure(special: object = {}, types: readonly (string | object)[] = ['first', 'second'], file = '10-pods'): void {
    const chain = types.map((type) => (typeof type === 'string' ? { type } : type));
    const list = { name: 'pods', cniVersion: '1.0.0', plugins: chain, ...special };
    writeFileSync(this.path('conf', `${file}.conflist`), JSON.stringify(list));
  }

  /** The network of a shim that has just been started on the node. */
  async started(log: Log = silentLog, pluginTimeoutMs = 20_000): Promise<CniNetwork> {
    const [confDir, cacheDir, binDirs] = [this.path('conf'), this.path('cache'), [this.path('bin')]];
    const podCidr = new PodCidrFile(this.path('pod-cidr'));
    const network = new CniNetwork({ confDir, binDirs, cacheDir, podCidr, log, pluginTimeoutMs });
    this.networks.push(network);
    await network.start();
    return network;
  }

  /** The names of the entries in the cache. */
  cached(): string[] {
    const results = this.path('cache/results');
    return existsSync(results) ? readdirSync(results) : [];
  }
}

/** Waits until the network's condition is as the test expects. */
export async function untilReady(network: CniNetwork, ready: boolean): Promise<void> {
  while (network.condition().ready !== ready) await new Promise((resolve) => setTimeout(resolve, 5));
}
