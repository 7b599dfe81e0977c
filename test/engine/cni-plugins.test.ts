import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { CniNetwork } from '../../src/network/cni/network';
import type { NetworkedPod } from '../../src/network/pod';
import { silentLog } from '../../src/lib/log';
import { PodCidrFile } from '../../src/store/pod-cidr';
import { aCall } from '../support/a-call';
import { aCniPod, sandboxOf } from '../support/cni-pods';
import { refusalOf } from '../support/refusal';
import { temporaryDirectory } from '../support/temporary-directory';

jest.setTimeout(120_000);

/** Where Debian's containernetworking-plugins are. */
const PLUGINS = '/usr/lib/cni';
const BRIDGE = 'cni-test0';
const MANY = 30;

const directory = temporaryDirectory();
let network: CniNetwork;
let namespaces: string[] = [];

beforeEach(async () => {
  mkdirSync(directory.path('conf'));
  configure();
  const [confDir, cacheDir] = [directory.path('conf'), directory.path('cache')];
  const podCidr = new PodCidrFile(directory.path('pod-cidr'));
  network = new CniNetwork({ confDir, binDirs: [PLUGINS], cacheDir, podCidr, log: silentLog });
  await network.start();
});

afterEach(() => {
  network.stop();
  for (const name of namespaces) ip('netns', 'del', name);
  namespaces = [];
  if (existsSync(`/sys/class/net/${BRIDGE}`)) ip('link', 'del', BRIDGE);
});

function configure(cniVersion = '1.0.0'): void {
  const ranges = [[{ subnet: '10.189.0.0/24' }], [{ subnet: 'fd89::/64' }]];
  const ipam = { type: 'host-local', ranges, dataDir: directory.path('addresses') };
  const bridge = { type: 'bridge', bridge: BRIDGE, isGateway: true, ipMasq: true, hairpinMode: true, ipam };
  const plugins = [
    bridge,
    { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    { type: 'bandwidth', capabilities: { bandwidth: true } },
    // It knows no version before.
    ...(cniVersion === '0.3.1' ? [] : [{ type: 'firewall' }]),
    { type: 'tuning', sysctl: { 'net.core.somaxconn': '500' } },
  ];
  const list = { name: 'cni-test', cniVersion, plugins };
  writeFileSync(directory.path('conf/10-test.conflist'), JSON.stringify(list));
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}

/** A pod in a namespace that `ip netns` makes. */
function aPod(id: string, special: Partial<NetworkedPod> = {}): NetworkedPod {
  const name = `cni-test-${id}`;
  ip('netns', 'add', name);
  namespaces.push(name);
  ip('-n', name, 'link', 'set', 'lo', 'up');
  return aCniPod(`c0de${id}`, `/var/run/netns/${name}`, { name: `pod-${id}`, ...special });
}

/** Answers the pod's addresses. */
async function attach(pod: NetworkedPod): Promise<readonly string[]> {
  await network.attach(aCall().ctx, pod);
  return await network.addresses(sandboxOf(pod.sandboxId));
}

function inside(pod: NetworkedPod, command: string, ...args: string[]): string {
  return execFileSync('nsenter', [`--net=${pod.netns}`, command, ...args], { encoding: 'utf8' });
}

/** The addresses that host-local has given away. */
function taken(): string[] {
  const pool = directory.path('addresses/cni-test');
  return existsSync(pool) ? readdirSync(pool).filter((name) => name.startsWith('10.') || name.startsWith('fd89')) : [];
}

function rulesWith(text: string): string[] {
  return execFileSync('iptables-save', { encoding: 'utf8' })
    .split('\n')
    .filter((rule) => rule.includes(text));
}

describe("the plugins of Debian's containernetworking-plugins", () => {
  it('give two pods addresses of both families, by which they reach each other', async () => {
    // With a limit: the bandwidth plugin of Debian 12 crashes at CHECK of a pod without.
    const limited = {
      annotations: { 'kubernetes.io/ingress-bandwidth': '1G', 'kubernetes.io/egress-bandwidth': '1G' },
    };
    const [one, two] = [aPod('1', limited), aPod('2', limited)];
    const addresses = await attach(one);
    const [four = '', six = ''] = await attach(two);
    expect(addresses).toEqual([expect.stringMatching(/^10\.189\.0\./), expect.stringMatching(/^fd89::/)]);
    const shown = inside(two, 'ip', '-o', 'addr', 'show', 'dev', 'eth0');
    expect(shown).toContain(` ${four}/24 `);
    expect(shown).toContain(` ${six}/64 `);
    expect(inside(two, 'cat', '/proc/sys/net/core/somaxconn').trim()).toBe('500');
    expect(await answerFrom(two, four, addresses[0] ?? '', one)).toBe('it is I');
    await network.check(aCall().ctx, one);
    ip('-n', 'cni-test-1', 'link', 'del', 'eth0');
    expect(await refusalOf(network.check(aCall().ctx, one))).toContain('the CNI plugin bridge failed at CHECK');
    for (const pod of [one, two]) await network.detach(aCall().ctx, pod);
    expect(taken()).toEqual([]);
  });

  it.each(['0.3.1', '0.4.0', '1.0.0'])('understand each other in a network of version %s', async (version) => {
    network.stop();
    configure(version);
    await network.start();
    const pod = aPod('a', { portMappings: [{ protocol: 'udp', containerPort: 53, hostPort: 18_086, hostIp: '' }] });
    const addresses = await attach(pod);
    expect(addresses).toEqual([expect.stringMatching(/^10\.189\.0\./), expect.stringMatching(/^fd89::/)]);
    expect(taken().sort()).toEqual([...addresses].sort());
    await network.detach(aCall().ctx, pod);
    expect(taken()).toEqual([]);
    expect(rulesWith('18086')).toEqual([]);
  });

  it('open host ports and limit bandwidth, and take it all back', async () => {
    const pod = aPod('3', {
      portMappings: [{ protocol: 'tcp', containerPort: 80, hostPort: 18_080, hostIp: '127.0.0.1' }],
      annotations: { 'kubernetes.io/ingress-bandwidth': '10M', 'kubernetes.io/egress-bandwidth': '5M' },
    });
    await network.attach(aCall().ctx, pod);
    expect(rulesWith('--dport 18080').length).toBeGreaterThan(0);
    expect(execFileSync('tc', ['qdisc', 'show'], { encoding: 'utf8' })).toMatch(/tbf .* rate 10Mbit/);
    await network.detach(aCall().ctx, pod);
    expect(rulesWith('18080')).toEqual([]);
    expect(rulesWith(pod.sandboxId)).toEqual([]);
    expect(taken()).toEqual([]);
    expect(readdirSync(directory.path('cache/results'))).toEqual([]);
  });

  it(`attach ${MANY} pods at once, each with addresses of its own, and leave nothing of them`, async () => {
    const pods = Array.from({ length: MANY }, (_, number) => aPod(`4${number}`));
    const addresses = await Promise.all(pods.map((pod) => attach(pod)));
    expect(new Set(addresses.flat()).size).toBe(2 * MANY);
    expect(taken()).toHaveLength(2 * MANY);
    await Promise.all(pods.map((pod) => network.detach(aCall().ctx, pod)));
    expect(taken()).toEqual([]);
  });

  it('bear a DEL that comes twice, and one after the namespace has gone', async () => {
    const [one, two] = [aPod('5'), aPod('6')];
    for (const pod of [one, two]) await network.attach(aCall().ctx, pod);
    await network.detach(aCall().ctx, one);
    await network.detach(aCall().ctx, one);
    ip('netns', 'del', namespaces.pop() ?? '');
    // The bridge plugin would look for the pod's addresses in the namespace to take back the rules for them.
    expect(rulesWith(two.sandboxId).length).toBeGreaterThan(0);
    await network.detach(aCall().ctx, two);
    await network.detach(aCall().ctx, { ...two, netns: '' });
    expect(rulesWith(two.sandboxId)).toEqual([]);
    expect(taken()).toEqual([]);
  });

  it('give back what a failing plugin further on made useless', async () => {
    const pod = aPod('7', {
      portMappings: [{ protocol: 'tcp', containerPort: 80, hostPort: 18_081, hostIp: 'no address' }],
    });
    const refused = await refusalOf(network.attach(aCall().ctx, pod));
    expect(refused).toContain('the CNI plugin portmap failed at ADD');
    expect(taken()).toEqual([]);
    expect(inside(pod, 'ip', '-o', 'link')).not.toContain('eth0');
  });
});

/** What a server in one pod says to a client in the other. */
async function answerFrom(server: NetworkedPod, address: string, client: string, from: NetworkedPod): Promise<string> {
  const serve = `require('node:net').createServer((s) => s.end('it is I')).listen(80, '${address}', () => console.log('up'))`;
  const ask = `require('node:net').connect({ port: 80, host: '${address}', localAddress: '${client}' }).pipe(process.stdout)`;
  const child = spawn('nsenter', [`--net=${server.netns}`, process.execPath, '-e', serve]);
  try {
    await once(child.stdout, 'data');
    return inside(from, process.execPath, '-e', ask);
  } finally {
    child.kill('SIGKILL');
  }
}
