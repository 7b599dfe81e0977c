import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { CniNetwork } from '../../../../src/network/cni/network';
import { silentLog, type Log } from '../../../../src/lib/log';
import { PodCidrFile } from '../../../../src/store/pod-cidr';
import { aCall } from '../../../support/a-call';
import { aCniPod, sandboxOf } from '../../../support/cni-pods';
import { answering, ScriptedPlugins } from '../../../support/cni-plugins';
import { refusalOf } from '../../../support/refusal';
import { temporaryDirectory } from '../../../support/temporary-directory';

const directory = temporaryDirectory();
const networks: CniNetwork[] = [];
let plugins: ScriptedPlugins;

const RESULT = {
  cniVersion: '1.0.0',
  interfaces: [{ name: 'cni0' }, { name: 'eth0', sandbox: '/proc/1/ns/net' }],
  ips: [
    { interface: 1, address: 'fd00::7/64' },
    { interface: 1, address: '10.1.0.7/24', gateway: '10.1.0.1' },
  ],
};
const FAILING = `[ "$CNI_COMMAND" = ADD ] && echo '{"code":999,"msg":"no room","details":"in the pool"}' && exit 1; exit 0`;

beforeEach(() => {
  plugins = new ScriptedPlugins(directory.path('bin'));
  plugins.add('first', answering(RESULT));
  plugins.add('second', answering(RESULT));
  mkdirSync(directory.path('conf'));
});

afterEach(() => networks.splice(0).forEach((network) => network.stop()));

function configure(
  special: object = {},
  types: readonly (string | object)[] = ['first', 'second'],
  file = '10-pods',
): void {
  const chain = types.map((type) => (typeof type === 'string' ? { type } : type));
  const list = { name: 'pods', cniVersion: '1.0.0', plugins: chain, ...special };
  writeFileSync(directory.path('conf', `${file}.conflist`), JSON.stringify(list));
}

async function started(log: Log = silentLog, pluginTimeoutMs = 20_000): Promise<CniNetwork> {
  const [confDir, cacheDir] = [directory.path('conf'), directory.path('cache')];
  const binDirs = [directory.path('bin')];
  const podCidr = new PodCidrFile(directory.path('pod-cidr'));
  const network = new CniNetwork({ confDir, binDirs, cacheDir, podCidr, log, pluginTimeoutMs });
  networks.push(network);
  await network.start();
  return network;
}

function cached(): string[] {
  return existsSync(directory.path('cache/results')) ? readdirSync(directory.path('cache/results')) : [];
}

/** Waits until the network's condition is as the test expects. */
async function untilReady(network: CniNetwork, ready: boolean): Promise<void> {
  while (network.condition().ready !== ready) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('ADD', () => {
  it('runs the chain in order, hands on each result, and answers the addresses, IPv4 first', async () => {
    configure({}, ['first', { type: 'second', capabilities: { portMappings: true, bandwidth: true, dns: false } }]);
    const network = await started();
    const pod = aCniPod('c0ffee', '/var/run/netns/web', {
      portMappings: [
        { protocol: 'udp', containerPort: 53, hostPort: 5353, hostIp: '127.0.0.1' },
        { protocol: 'tcp', containerPort: 80, hostPort: 0, hostIp: '' },
      ],
      annotations: { 'kubernetes.io/ingress-bandwidth': '1M' },
      dns: { servers: ['10.0.0.10'], searches: [], options: [] },
    });
    await network.attach(aCall().ctx, pod);
    expect(await network.addresses(sandboxOf('c0ffee'))).toEqual(['10.1.0.7', 'fd00::7']);
    const [first, second, ...more] = plugins.runs();
    expect(more).toEqual([]);
    expect(first).toMatchObject({ plugin: 'first', command: 'ADD' });
    expect(first?.input).toEqual({ type: 'first', name: 'pods', cniVersion: '1.0.0' });
    expect(first?.environment).toEqual({
      CNI_COMMAND: 'ADD',
      CNI_CONTAINERID: 'c0ffee',
      CNI_NETNS: '/var/run/netns/web',
      CNI_IFNAME: 'eth0',
      CNI_PATH: directory.path('bin'),
      CNI_ARGS:
        'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID=c0ffee;K8S_POD_UID=a1b2',
    });
    expect(second?.input).toMatchObject({ prevResult: RESULT });
    expect(second?.input.runtimeConfig).toEqual({
      portMappings: [{ hostPort: 5353, containerPort: 53, protocol: 'udp', hostIP: '127.0.0.1' }],
      bandwidth: { ingressRate: 1_000_000, ingressBurst: 2_147_483_647 },
    });
  });

  it("keeps what DEL needs in libcni's format", async () => {
    configure();
    const network = await started();
    await network.attach(aCall().ctx, aCniPod('c0ffee', '/var/run/netns/web'));
    expect(cached()).toEqual(['pods-c0ffee-eth0']);
    const entry = JSON.parse(readFileSync(directory.path('cache/results/pods-c0ffee-eth0'), 'utf8')) as {
      config: string;
    };
    expect(entry).toMatchObject({ kind: 'cniCacheV1', containerId: 'c0ffee', ifName: 'eth0', networkName: 'pods' });
    expect(entry).toMatchObject({ cniArgs: expect.arrayContaining([['K8S_POD_NAME', 'web']]), result: RESULT });
    expect(Buffer.from(entry.config, 'base64').toString()).toBe(
      readFileSync(directory.path('conf/10-pods.conflist'), 'utf8'),
    );
  });

  it('undoes what ran, the failing plugin included, and says what the plugin said', async () => {
    plugins.add('second', FAILING);
    plugins.add('third', answering(RESULT));
    configure({}, ['first', 'second', 'third']);
    const network = await started();
    const attaching = network.attach(aCall().ctx, aCniPod('c0ffee', '/var/run/netns/web'));
    expect(await refusalOf(attaching)).toBe(
      'Internal: attach pod default/web to the network pods: the CNI plugin second failed at ADD: no room; in the pool (CNI error 999)',
    );
    expect(plugins.story()).toEqual(['first ADD', 'second ADD', 'second DEL', 'first DEL']);
    expect(plugins.runs()[3]?.input).toMatchObject({ prevResult: RESULT });
    expect(cached()).toEqual([]);
  });

  it('keeps the cache entry when undoing fails, so that DEL can be tried again', async () => {
    plugins.add('first', `[ "$CNI_COMMAND" = DEL ] && exit 3; ${answering(RESULT)}`);
    plugins.add('second', FAILING);
    configure();
    const network = await started();
    await refusalOf(network.attach(aCall().ctx, aCniPod('c0ffee', '')));
    expect(cached()).toEqual(['pods-c0ffee-eth0']);
    plugins.add('first', answering(RESULT));
    await network.detach(aCall().ctx, aCniPod('c0ffee', ''));
    expect(cached()).toEqual([]);
  });

  it.each([
    ['rubbish', 'echo rubbish', 'it succeeded, but printed rubbish, which is no CNI result'],
    ['nothing', '', 'it succeeded, but printed nothing, which is no CNI result'],
    ['rubbish and a failure', 'echo rubbish; exit 4', 'it exited with 4: rubbish'],
    ['its trouble on stderr', 'echo trouble >&2; exit 5', 'it exited with 5: trouble'],
    ['nothing and a failure', 'exit 6', 'it exited with 6 and said nothing'],
    ['its own end', 'kill -9 $$', 'it was killed and said nothing'],
    ['more than is bearable', 'yes', 'it printed more than 1048576 bytes'],
  ])('makes an error of a plugin that answers %s', async (_, script, words) => {
    plugins.add('first', `[ "$CNI_COMMAND" = ADD ] || exit 0; ${script}`);
    configure({}, ['first']);
    const network = await started();
    const refused = await refusalOf(network.attach(aCall().ctx, aCniPod('c0ffee', '')));
    expect(refused).toContain(`the CNI plugin first failed at ADD: ${words}`);
    expect(plugins.story()).toEqual(['first ADD', 'first DEL']);
  });

  it('refuses a network that gives no address', async () => {
    plugins.add('first', answering({ cniVersion: '1.0.0' }));
    configure({}, ['first']);
    const network = await started();
    const refused = await refusalOf(network.attach(aCall().ctx, aCniPod('c0ffee', '')));
    expect(refused).toContain('the network pods gave it no address');
    expect(plugins.story()).toEqual(['first ADD', 'first DEL']);
  });

  it('kills a plugin that hangs, and its children, at its deadline', async () => {
    const pid = directory.path('pid');
    plugins.add('first', `[ "$CNI_COMMAND" = ADD ] || exit 0; sleep 1000 & echo $! > '${pid}'; wait`);
    configure({}, ['first']);
    const network = await started(silentLog, 500);
    expect(await refusalOf(network.attach(aCall().ctx, aCniPod('c0ffee', '')))).toContain(
      'DeadlineExceeded: attach pod default/web to the network pods: the CNI plugin first failed at ADD: it took more than',
    );
    const child = Number(readFileSync(pid, 'utf8'));
    while (isAlive(child)) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(plugins.story()).toEqual(['first ADD', 'first DEL']);
  });

  it('ends with its call, and undoes in a context of its own', async () => {
    plugins.add('second', `[ "$CNI_COMMAND" = ADD ] || exit 0; sleep 1000`);
    configure();
    const network = await started();
    const call = aCall();
    const attaching = network.attach(call.ctx, aCniPod('c0ffee', ''));
    while (plugins.story().length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    call.cancel();
    expect(await refusalOf(attaching)).toContain('Cancelled:');
    expect(plugins.story().slice(2)).toEqual(['second DEL', 'first DEL']);
  });

  it('waits no longer for a daemon that a plugin left behind with its output', async () => {
    plugins.add('first', `sleep 1000 & echo $! > '${directory.path('pid')}'; ${answering(RESULT)}`);
    configure({}, ['first']);
    const network = await started();
    await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
    expect(await network.addresses(sandboxOf('c0ffee'))).toHaveLength(2);
    process.kill(Number(readFileSync(directory.path('pid'), 'utf8')), 'SIGKILL');
  });

  it('refuses a name that CNI_ARGS could not carry', async () => {
    configure();
    const network = await started();
    const attaching = network.attach(aCall().ctx, aCniPod('c0ffee', '', { name: 'web;IgnoreUnknown=0' }));
    expect(await refusalOf(attaching)).toContain('InvalidArgument: ');
    expect(plugins.story()).toEqual([]);
  });
});

describe('DEL', () => {
  it('runs the chain backwards with the configuration and the result of ADD, also when both have changed', async () => {
    configure();
    const first = await started();
    await first.attach(aCall().ctx, aCniPod('c0ffee', '/var/run/netns/web'));
    first.stop();
    rmSync(directory.path('conf'), { recursive: true });
    const second = await started();
    await second.detach(aCall().ctx, aCniPod('c0ffee', '/var/run/netns/no-such'));
    expect(plugins.story().slice(2)).toEqual(['second DEL', 'first DEL']);
    expect(plugins.runs()[2]?.input).toMatchObject({ name: 'pods', prevResult: RESULT });
    expect(plugins.runs()[2]?.environment.CNI_NETNS).toBe('');
    expect(cached()).toEqual([]);
    await second.detach(aCall().ctx, aCniPod('c0ffee', ''));
    expect(plugins.story()).toHaveLength(4);
  });

  it('hands no result to plugins before 0.4.0', async () => {
    plugins.add('first', answering({ ...RESULT, cniVersion: '0.3.1' }));
    configure({ cniVersion: '0.3.1' }, ['first']);
    const network = await started();
    await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
    await network.detach(aCall().ctx, aCniPod('c0ffee', ''));
    expect(plugins.runs()[1]?.input).toEqual({ type: 'first', name: 'pods', cniVersion: '0.3.1' });
  });

  it('fails when a plugin fails, frees nothing before it, and goes through when it is tried again', async () => {
    configure();
    const network = await started();
    await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
    plugins.add('second', 'echo busy >&2; exit 1');
    expect(await refusalOf(network.detach(aCall().ctx, aCniPod('c0ffee', '')))).toBe(
      'Internal: take pod default/web off its network: the CNI plugin second failed at DEL: it exited with 1: busy',
    );
    expect(plugins.story().slice(2)).toEqual(['second DEL']);
    expect(await network.addresses(sandboxOf('c0ffee'))).toEqual(['10.1.0.7', 'fd00::7']);
    plugins.add('second', answering(RESULT));
    await network.detach(aCall().ctx, aCniPod('c0ffee', ''));
    expect(cached()).toEqual([]);
  });

  it.each([
    ['the bare result of an old libcni', JSON.stringify(RESULT)],
    ['a damaged one', '{"kind":"cniCacheV1"'],
  ])('takes the present network for a cache entry that is %s', async (_, text) => {
    configure({}, ['first']);
    mkdirSync(directory.path('cache/results'), { recursive: true });
    writeFileSync(directory.path('cache/results/pods-c0ffee-eth0'), text);
    const network = await started();
    await network.detach(aCall().ctx, aCniPod('c0ffee', ''));
    expect(plugins.story()).toEqual(['first DEL']);
    expect(cached()).toEqual([]);
  });

  it.each(['eth0', 'lo'])("needs no plugin for a predecessor's loopback, kept under the name of %s", async (ifName) => {
    configure();
    const network = await started();
    await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
    const its = { cniVersion: '0.2.0', ip4: { ip: '127.0.0.1/8' }, dns: {} };
    writeFileSync(directory.path(`cache/results/cni-loopback-c0ffee-${ifName}`), JSON.stringify(its));
    writeFileSync(directory.path('cache/results/cni-loopback-another-eth0'), JSON.stringify(its));
    const restarted = await started();
    expect(await restarted.addresses(sandboxOf('c0ffee'))).toEqual(['10.1.0.7', 'fd00::7']);
    await restarted.detach(aCall().ctx, aCniPod('c0ffee', ''));
    expect(plugins.story().slice(2)).toEqual(['second DEL', 'first DEL']);
    expect(cached()).toEqual(['cni-loopback-another-eth0']);
  });
});

describe('addresses', () => {
  it('come from the cache after a restart, and are none for a pod that was never attached', async () => {
    configure();
    await (await started()).attach(aCall().ctx, aCniPod('c0ffee', ''));
    const restarted = await started();
    expect(await restarted.addresses(sandboxOf('c0ffee'))).toEqual(['10.1.0.7', 'fd00::7']);
    expect(await restarted.addresses(sandboxOf('deadbeef'))).toEqual([]);
  });

  it('are kept in memory until the pod is taken off its network', async () => {
    configure();
    const network = await started();
    await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
    const restarted = await started();
    await restarted.addresses(sandboxOf('c0ffee'));
    const entry = directory.path('cache/results/pods-c0ffee-eth0');
    const text = readFileSync(entry, 'utf8');
    rmSync(entry);
    expect(await network.addresses(sandboxOf('c0ffee'))).toEqual(['10.1.0.7', 'fd00::7']);
    expect(await restarted.addresses(sandboxOf('c0ffee'))).toEqual(['10.1.0.7', 'fd00::7']);
    writeFileSync(entry, text);
    await network.detach(aCall().ctx, aCniPod('c0ffee', ''));
    expect(await network.addresses(sandboxOf('c0ffee'))).toEqual([]);
  });
});

describe('CHECK', () => {
  it('runs the chain in order with the result of ADD, from 0.4.0 on', async () => {
    configure();
    const network = await started();
    await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
    await network.check(aCall().ctx, aCniPod('c0ffee', ''));
    expect(plugins.story().slice(2)).toEqual(['first CHECK', 'second CHECK']);
    expect(plugins.runs()[3]?.input).toMatchObject({ prevResult: RESULT });
    plugins.add('second', 'echo gone >&2; exit 1');
    expect(await refusalOf(network.check(aCall().ctx, aCniPod('c0ffee', '')))).toContain('gone');
  });

  it.each([{ disableCheck: true }, { cniVersion: '0.3.1' }])('is left out with %j', async (special) => {
    configure(special);
    const network = await started();
    await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
    await network.check(aCall().ctx, aCniPod('c0ffee', ''));
    expect(plugins.story()).toEqual(['first ADD', 'second ADD']);
  });
});

describe('NetworkReady', () => {
  it('is false, and says where to look, until a configuration appears; then true by itself, and false again', async () => {
    rmSync(directory.path('conf'), { recursive: true });
    const network = await started();
    expect(network.condition()).toEqual({
      ready: false,
      reason: 'NetworkPluginNotReady',
      message: expect.stringContaining(`there is no CNI configuration in ${directory.path('conf')} yet`),
    });
    expect(await refusalOf(network.attach(aCall().ctx, aCniPod('c0ffee', '')))).toContain(
      'Unavailable: there is no CNI',
    );
    mkdirSync(directory.path('conf'));
    configure();
    await untilReady(network, true);
    expect(plugins.story()).toEqual([]);
    rmSync(directory.path('conf/10-pods.conflist'));
    await untilReady(network, false);
  });

  it('turns true when a missing plugin is installed', async () => {
    configure({}, ['first', 'late']);
    const network = await started();
    expect(network.condition().message).toContain(`the CNI plugin late is not in ${directory.path('bin')}`);
    plugins.add('late', 'exit 0');
    await untilReady(network, true);
  });

  it('wants the pod CIDR for a network that takes its ranges from it, one range for each', async () => {
    configure({}, [{ type: 'first', capabilities: { ipRanges: true } }]);
    const network = await started();
    expect(network.condition().message).toContain("takes its addresses from the node's pod CIDR");
    expect(await refusalOf(network.attach(aCall().ctx, aCniPod('c0ffee', '')))).toContain('Unavailable: ');
    await network.setPodCidr('10.1.0.0/24,fd00::/64');
    expect(network.condition().ready).toBe(true);
    await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
    expect(plugins.runs()[0]?.input.runtimeConfig).toEqual({
      ipRanges: [[{ subnet: '10.1.0.0/24' }], [{ subnet: 'fd00::/64' }]],
    });
  });

  it('keeps the pod CIDR for the next start, and takes a new one', async () => {
    configure({}, [{ type: 'first', capabilities: { ipRanges: true } }]);
    await (await started()).setPodCidr('10.1.0.0/24, fd00::/64');
    const restarted = await started();
    expect(restarted.condition().ready).toBe(true);
    await restarted.attach(aCall().ctx, aCniPod('c0ffee', ''));
    await restarted.setPodCidr('10.2.0.0/24');
    await (await started()).attach(aCall().ctx, aCniPod('deadbeef', ''));
    expect(plugins.runs().map(({ input }) => input.runtimeConfig)).toEqual([
      { ipRanges: [[{ subnet: '10.1.0.0/24' }], [{ subnet: 'fd00::/64' }]] },
      { ipRanges: [[{ subnet: '10.2.0.0/24' }]] },
    ]);
  });

  it('asks STATUS of 1.1.0 once, and not again while all is well', async () => {
    configure({ cniVersion: '1.1.0' });
    const network = await started();
    await untilReady(network, true);
    for (let asked = 0; asked < 5; asked += 1) network.condition();
    expect(plugins.story()).toEqual(['first STATUS', 'second STATUS']);
    // About the network and no pod: no container, no namespace, no interface.
    expect(plugins.runs()[0]).toEqual({
      plugin: 'first',
      command: 'STATUS',
      environment: { CNI_COMMAND: 'STATUS', CNI_PATH: directory.path('bin') },
      input: { type: 'first', name: 'pods', cniVersion: '1.1.0' },
    });
  });

  it('tells what a plugin says to STATUS', async () => {
    plugins.add('first', `echo '{"code":50,"msg":"the agent is away"}'; exit 1`);
    configure({ cniVersion: '1.1.0' });
    const network = await started();
    while (!network.condition().message.includes('agent')) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(network.condition()).toEqual({
      ready: false,
      reason: 'NetworkPluginNotReady',
      message: 'the CNI plugin first failed at STATUS: the agent is away (CNI error 50)',
    });
  });

  it('says in the log once that there is no network yet, and when there is', async () => {
    const said: string[] = [];
    const note = (message: string): number => said.push(message);
    const network = await started({ ...silentLog, info: note, warn: note });
    mkdirSync(directory.path('conf/no-file'));
    configure();
    await untilReady(network, true);
    expect(said).toEqual(['the node has no pod network', 'the pod network is configured']);
  });

  it('names a broken file in the log once, and goes on with the next', async () => {
    writeFileSync(directory.path('conf/05-broken.conflist'), '{"name":');
    configure();
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (_, fields) => warnings.push(String(fields?.file)) };
    const network = await started(log);
    expect(network.condition().ready).toBe(true);
    configure({}, ['first'], '20-other');
    rmSync(directory.path('conf/10-pods.conflist'));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(warnings).toEqual([directory.path('conf/05-broken.conflist')]);
  });
});

it('knows the pods that are to be taken off, and nothing of what others keep beside them', async () => {
  configure();
  const network = await started();
  expect(await network.knownSandboxes()).toEqual([]);
  for (const id of ['dead', 'a11ce']) await network.attach(aCall().ctx, aCniPod(id, ''));
  writeFileSync(directory.path('cache/results/foreign-beef-eth0'), '{"kind":"cniCacheV1"}');
  expect([...(await network.knownSandboxes())].sort()).toEqual(['a11ce', 'dead']);
  await network.detach(aCall().ctx, aCniPod('dead', ''));
  expect(await network.knownSandboxes()).toEqual(['a11ce']);
});

describe('GC', () => {
  it('tells plugins of 1.1.0 which pods stay', async () => {
    configure({ cniVersion: '1.1.0' });
    plugins.add('first', answering({ ...RESULT, cniVersion: '1.1.0' }));
    plugins.add('second', answering({ ...RESULT, cniVersion: '1.1.0' }));
    const network = await started();
    await untilReady(network, true);
    const before = plugins.runs().length;
    await network.collectGarbage(aCall().ctx, () => Promise.resolve(['a11ce']));
    expect(plugins.story().slice(before)).toEqual(['first GC', 'second GC']);
    const stays = [{ containerID: 'a11ce', ifname: 'eth0' }];
    // About the network and no pod: no container, no namespace, no interface.
    expect(plugins.runs()[before]).toEqual({
      plugin: 'first',
      command: 'GC',
      environment: { CNI_COMMAND: 'GC', CNI_PATH: directory.path('bin') },
      input: {
        type: 'first',
        name: 'pods',
        cniVersion: '1.1.0',
        'cni.dev/valid-attachments': stays,
        'cni.dev/attachments': stays,
      },
    });
  });

  it.each([{ cniVersion: '1.0.0' }, { cniVersion: '1.1.0', disableGC: true }])(
    'asks no plugin with %j',
    async (special) => {
      configure(special);
      const network = await started();
      await untilReady(network, true);
      await network.collectGarbage(aCall().ctx, () => Promise.resolve([]));
      expect(plugins.story().filter((run) => run.endsWith('GC'))).toEqual([]);
    },
  );
});

function isAlive(pid: number): boolean {
  try {
    // A zombie that nobody reaps is as good as gone.
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}
