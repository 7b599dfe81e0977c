import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import type { ContainerInspect } from '../../../src/docker/types';
import { silentLog } from '../../../src/lib/log';
import { BridgeNetwork } from '../../../src/network/bridge';
import { ChosenNetwork } from '../../../src/network/chosen-network';
import { CniNetwork } from '../../../src/network/cni/network';
import { PodCidrFile } from '../../../src/store/pod-cidr';
import { aCall } from '../../support/a-call';
import { answering, ScriptedPlugins } from '../../support/cni-plugins';
import { aCniPod } from '../../support/cni-pods';
import { temporaryDirectory } from '../../support/temporary-directory';

const directory = temporaryDirectory();
const running: CniNetwork[] = [];
let plugins: ScriptedPlugins;

beforeEach(() => {
  plugins = new ScriptedPlugins(directory.path('bin'));
  plugins.add('one', answering({ cniVersion: '1.0.0', ips: [{ address: '10.1.0.7/24' }] }));
  mkdirSync(directory.path('conf'));
  const list = { name: 'pods', cniVersion: '1.0.0', plugins: [{ type: 'one' }] };
  writeFileSync(directory.path('conf/10-pods.conflist'), JSON.stringify(list));
});

afterEach(() => running.splice(0).forEach((cni) => cni.stop()));

/** The networks of a shim that was started with the plugin. */
async function networks(plugin: 'cni' | 'bridge'): Promise<ChosenNetwork> {
  const podCidr = new PodCidrFile(directory.path('pod-cidr'));
  const [confDir, cacheDir] = [directory.path('conf'), directory.path('cache')];
  const cni = new CniNetwork({ confDir, binDirs: [directory.path('bin')], cacheDir, podCidr, log: silentLog });
  running.push(cni);
  if (plugin === 'cni') await cni.start();
  return new ChosenNetwork(plugin, cni, new BridgeNetwork());
}

function sandbox(Id: string, NetworkMode: string): ContainerInspect {
  const Networks = NetworkMode === 'none' ? {} : { bridge: { IPAddress: '172.17.0.2' } };
  return { Id, HostConfig: { NetworkMode }, NetworkSettings: { Networks } } as unknown as ContainerInspect;
}

it('makes pods by the plugin of the node', async () => {
  expect((await networks('cni')).dockerNetworkMode).toBe('none');
  expect((await networks('bridge')).dockerNetworkMode).toBe('default');
});

it("pods of Docker's bridge keep their addresses on a node that has CNI now, and no CNI plugin hears of them", async () => {
  const now = await networks('cni');
  expect(await now.addresses(sandbox('c0ffee', 'default'))).toEqual(['172.17.0.2']);
  expect(await now.addresses(sandbox('c0ffee', 'bridge'))).toEqual(['172.17.0.2']);
  await now.detach(aCall().ctx, { ...aCniPod('c0ffee', '/proc/self/ns/net'), dockerNetworkMode: 'default' });
  expect(plugins.story()).toEqual([]);
});

it('pods of CNI keep their addresses on a node that has the bridge now, and are taken off their network', async () => {
  await (await networks('cni')).attach(aCall().ctx, aCniPod('c0ffee', ''));
  const now = await networks('bridge');
  expect(now.condition().ready).toBe(true);
  expect(await now.addresses(sandbox('c0ffee', 'none'))).toEqual(['10.1.0.7']);
  await now.detach(aCall().ctx, { ...aCniPod('c0ffee', ''), dockerNetworkMode: 'none' });
  expect(plugins.story()).toEqual(['one ADD', 'one DEL']);
  expect(existsSync(directory.path('cache/results/pods-c0ffee-eth0'))).toBe(false);
});
