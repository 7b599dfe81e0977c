import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { silentLog, type Log } from '../../../../src/lib/log';
import { aCall } from '../../../support/a-call';
import { cniNetworkUnderTest, untilReady } from '../../../support/cni-network-under-test';
import { aCniPod, sandboxOf } from '../../../support/cni-pods';
import { refusalOf } from '../../../support/refusal';
import { until } from '../../../support/until';

const node = cniNetworkUnderTest();

describe('addresses', () => {
  it('come from the cache after a restart, and are none for a pod that was never attached', async () => {
    node.configure();
    await (await node.started()).attach(aCall().ctx, aCniPod('c0ffee', ''));
    const restarted = await node.started();
    expect(await restarted.addresses(sandboxOf('c0ffee'))).toEqual(['10.1.0.7', 'fd00::7']);
    expect(await restarted.addresses(sandboxOf('deadbeef'))).toEqual([]);
  });

  it('are kept in memory until the pod is taken off its network', async () => {
    node.configure();
    const network = await node.started();
    await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
    const restarted = await node.started();
    await restarted.addresses(sandboxOf('c0ffee'));
    const entry = node.path('cache/results/pods-c0ffee-eth0');
    const text = readFileSync(entry, 'utf8');
    rmSync(entry);
    expect(await network.addresses(sandboxOf('c0ffee'))).toEqual(['10.1.0.7', 'fd00::7']);
    expect(await restarted.addresses(sandboxOf('c0ffee'))).toEqual(['10.1.0.7', 'fd00::7']);
    writeFileSync(entry, text);
    await network.detach(aCall().ctx, aCniPod('c0ffee', ''));
    expect(await network.addresses(sandboxOf('c0ffee'))).toEqual([]);
  });
});

describe('NetworkReady', () => {
  it('is false, and says where to look, until a configuration appears; then true by itself, and false again', async () => {
    rmSync(node.path('conf'), { recursive: true });
    const network = await node.started();
    expect(network.condition()).toEqual({
      ready: false,
      reason: 'NetworkPluginNotReady',
      message: expect.stringContaining(`there is no CNI configuration in ${node.path('conf')} yet`),
    });
    expect(await refusalOf(network.attach(aCall().ctx, aCniPod('c0ffee', '')))).toContain(
      'Unavailable: there is no CNI',
    );
    mkdirSync(node.path('conf'));
    node.configure();
    await untilReady(network, true);
    expect(node.plugins.story()).toEqual([]);
    rmSync(node.path('conf/10-pods.conflist'));
    await untilReady(network, false);
  });

  it('turns true when a missing plugin is installed', async () => {
    node.configure({}, ['first', 'late']);
    const network = await node.started();
    expect(network.condition().message).toContain(`the CNI plugin late is not in ${node.path('bin')}`);
    node.plugins.add('late', 'exit 0');
    await untilReady(network, true);
  });

  it('wants the pod CIDR for a network that takes its ranges from it, one range for each', async () => {
    node.configure({}, [{ type: 'first', capabilities: { ipRanges: true } }]);
    const network = await node.started();
    expect(network.condition().message).toContain("takes its addresses from the node's pod CIDR");
    expect(await refusalOf(network.attach(aCall().ctx, aCniPod('c0ffee', '')))).toContain('Unavailable: ');
    await network.setPodCidr('10.1.0.0/24,fd00::/64');
    expect(network.condition().ready).toBe(true);
    await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
    expect(node.plugins.runs()[0]?.input.runtimeConfig).toEqual({
      ipRanges: [[{ subnet: '10.1.0.0/24' }], [{ subnet: 'fd00::/64' }]],
    });
  });

  it('keeps the pod CIDR for the next start, and takes a new one', async () => {
    node.configure({}, [{ type: 'first', capabilities: { ipRanges: true } }]);
    await (await node.started()).setPodCidr('10.1.0.0/24, fd00::/64');
    const restarted = await node.started();
    expect(restarted.condition().ready).toBe(true);
    await restarted.attach(aCall().ctx, aCniPod('c0ffee', ''));
    await restarted.setPodCidr('10.2.0.0/24');
    await (await node.started()).attach(aCall().ctx, aCniPod('deadbeef', ''));
    expect(node.plugins.runs().map(({ input }) => input.runtimeConfig)).toEqual([
      { ipRanges: [[{ subnet: '10.1.0.0/24' }], [{ subnet: 'fd00::/64' }]] },
      { ipRanges: [[{ subnet: '10.2.0.0/24' }]] },
    ]);
  });

  it('asks STATUS of 1.1.0 once, and not again while all is well', async () => {
    node.configure({ cniVersion: '1.1.0' });
    const network = await node.started();
    await untilReady(network, true);
    for (let asked = 0; asked < 5; asked += 1) network.condition();
    expect(node.plugins.story()).toEqual(['first STATUS', 'second STATUS']);
    // About the network and no pod: no container, no namespace, no interface.
    expect(node.plugins.runs()[0]).toEqual({
      plugin: 'first',
      command: 'STATUS',
      environment: { CNI_COMMAND: 'STATUS', CNI_PATH: node.path('bin') },
      input: { type: 'first', name: 'pods', cniVersion: '1.1.0' },
    });
  });

  it('tells what a plugin says to STATUS', async () => {
    node.plugins.add('first', `echo '{"code":50,"msg":"the agent is away"}'; exit 1`);
    node.configure({ cniVersion: '1.1.0' });
    const network = await node.started();
    while (!network.condition().message.includes('agent')) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(network.condition()).toEqual({
      ready: false,
      reason: 'NetworkPluginNotReady',
      message: 'the CNI plugin first failed at STATUS: the agent is away (CNI error 50)',
    });
  });

  describe('while the plugins of 1.1.0 are asked', () => {
    const away = `echo '{"code":50,"msg":"the agent is away"}'; exit 1`;
    /** Answers STATUS when it is let go. */
    const held = (then: string): string =>
      `if [ "$CNI_COMMAND" = STATUS ]; then until [ -e '${node.path('let-go')}' ]; do sleep 0.02; done; ${then}; fi`;
    const letGo = (): void => writeFileSync(node.path('let-go'), '');
    const asked = () => node.plugins.runs().filter(({ command, plugin }) => command === 'STATUS' && plugin === 'first');
    const untilAsked = (times: number): Promise<void> => until(() => asked().length === times);

    it('has their verdict as soon as the shim has started', async () => {
      node.configure({ cniVersion: '1.1.0' });
      expect((await node.started()).condition().ready).toBe(true);
      node.plugins.add('first', away);
      expect((await node.started()).condition().ready).toBe(false);
    });

    it('is true at the start when they take long, until they say otherwise', async () => {
      node.plugins.add('first', held(away));
      node.configure({ cniVersion: '1.1.0' });
      const network = await node.started();
      expect(network.condition().ready).toBe(true);
      letGo();
      await untilReady(network, false);
    });

    it('remains as it was when the list changes, until the last text of it has its answer', async () => {
      const inForce: unknown[] = [];
      const log: Log = { ...silentLog, info: (_, fields) => inForce.push(fields?.network) };
      node.configure({ cniVersion: '1.1.0' });
      const network = await node.started(log);
      node.plugins.add('first', held(`case "$input" in *agentless*) ${away};; esac`));
      node.configure({ cniVersion: '1.1.0', name: 'changed' });
      await untilAsked(2);
      expect(network.condition().ready).toBe(true);
      node.configure({ cniVersion: '1.1.0', name: 'agentless' });
      await until(() => inForce.includes('agentless'));
      expect(network.condition().ready).toBe(true);
      letGo();
      await untilReady(network, false);
      expect(asked().map(({ input }) => input['name'])).toEqual(['pods', 'changed', 'agentless']);
    });

    it('is false on a node that had no network, until they have answered', async () => {
      const network = await node.started();
      node.plugins.add('first', held('exit 0'));
      node.configure({ cniVersion: '1.1.0' });
      await untilAsked(1);
      expect(network.condition()).toMatchObject({ ready: false, message: expect.stringContaining('being asked') });
      letGo();
      await untilReady(network, true);
    });
  });

  it('says in the log once that there is no network yet, and when there is', async () => {
    const said: string[] = [];
    const note = (message: string): number => said.push(message);
    const network = await node.started({ ...silentLog, info: note, warn: note });
    mkdirSync(node.path('conf/no-file'));
    node.configure();
    await untilReady(network, true);
    expect(said).toEqual(['the node has no pod network', 'the pod network is configured']);
  });

  it('names a broken file in the log once, and goes on with the next', async () => {
    writeFileSync(node.path('conf/05-broken.conflist'), '{"name":');
    node.configure();
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (_, fields) => warnings.push(String(fields?.file)) };
    const network = await node.started(log);
    expect(network.condition().ready).toBe(true);
    node.configure({}, ['first'], '20-other');
    rmSync(node.path('conf/10-pods.conflist'));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(warnings).toEqual([node.path('conf/05-broken.conflist')]);
  });
});

it('knows the pods that are to be taken off, and nothing of what others keep beside them', async () => {
  node.configure();
  const network = await node.started();
  expect(await network.knownSandboxes()).toEqual([]);
  for (const id of ['dead', 'a11ce']) await network.attach(aCall().ctx, aCniPod(id, ''));
  writeFileSync(node.path('cache/results/foreign-beef-eth0'), '{"kind":"cniCacheV1"}');
  expect([...(await network.knownSandboxes())].sort()).toEqual(['a11ce', 'dead']);
  await network.detach(aCall().ctx, aCniPod('dead', ''));
  expect(await network.knownSandboxes()).toEqual(['a11ce']);
});
