import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { openStandIn } from '../../../../src/host/netns/stand-in';
import { aCall } from '../../../support/a-call';
import { ADD_RESULT, cniNetworkUnderTest } from '../../../support/cni-network-under-test';
import { answering } from '../../../support/cni-plugins';
import { aCniPod, sandboxOf } from '../../../support/cni-pods';
import { asRoot } from '../../../support/as-root';
import { podProcess } from '../../../support/pod-process';
import { refusalOf } from '../../../support/refusal';

const node = cniNetworkUnderTest();
/** libcni before 1.2 did not read `disableGC`. */
const REFUSED = Buffer.from('{"name":"pods","plugins":[{"type":"second"}],"disableGC":"yes"}').toString('base64');

it('DEL runs the chain backwards with the configuration and the result of ADD, also when both have changed', async () => {
  node.configure();
  const first = await node.started();
  await first.attach(aCall().ctx, aCniPod('c0ffee', '/var/run/netns/web'));
  first.stop();
  rmSync(node.path('conf'), { recursive: true });
  const second = await node.started();
  await second.detach(aCall().ctx, aCniPod('c0ffee', '/var/run/netns/no-such'));
  expect(node.plugins.story().slice(2)).toEqual(['second DEL', 'first DEL']);
  expect(node.plugins.runs()[2]?.input).toMatchObject({ name: 'pods', prevResult: ADD_RESULT });
  expect(node.plugins.runs()[2]?.environment.CNI_NETNS).toBe('');
  expect(node.cached()).toEqual([]);
  await second.detach(aCall().ctx, aCniPod('c0ffee', ''));
  expect(node.plugins.story()).toHaveLength(4);
});

it('DEL hands no result to plugins before 0.4.0', async () => {
  node.plugins.add('first', answering({ ...ADD_RESULT, cniVersion: '0.3.1' }));
  node.configure({ cniVersion: '0.3.1' }, ['first']);
  const network = await node.started();
  await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
  await network.detach(aCall().ctx, aCniPod('c0ffee', ''));
  expect(node.plugins.runs()[1]?.input).toEqual({ type: 'first', name: 'pods', cniVersion: '0.3.1' });
});

it('DEL fails when a plugin fails, frees nothing before it, and goes through when it is tried again', async () => {
  node.configure();
  const network = await node.started();
  await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
  node.plugins.add('second', 'echo busy >&2; exit 1');
  expect(await refusalOf(network.detach(aCall().ctx, aCniPod('c0ffee', '')))).toBe(
    'Internal: take pod default/web off its network: the CNI plugin second failed at DEL: it exited with 1: busy',
  );
  expect(node.plugins.story().slice(2)).toEqual(['second DEL']);
  expect(await network.addresses(sandboxOf('c0ffee'))).toEqual(['10.1.0.7', 'fd00::7']);
  node.plugins.add('second', answering(ADD_RESULT));
  await network.detach(aCall().ctx, aCniPod('c0ffee', ''));
  expect(node.cached()).toEqual([]);
});

it.each([
  ['the bare result of an old libcni', JSON.stringify(ADD_RESULT)],
  ['a damaged one', '{"kind":"cniCacheV1"'],
  ['one whose configuration would be refused now', JSON.stringify({ kind: 'cniCacheV1', config: REFUSED })],
])('DEL takes the present network for a cache entry that is %s', async (_, text) => {
  node.configure({}, ['first']);
  mkdirSync(node.path('cache/results'), { recursive: true });
  writeFileSync(node.path('cache/results/pods-c0ffee-eth0'), text);
  const network = await node.started();
  await network.detach(aCall().ctx, aCniPod('c0ffee', ''));
  expect(node.plugins.story()).toEqual(['first DEL']);
  expect(node.cached()).toEqual([]);
});

it.each(['eth0', 'lo'])(
  "DEL needs no plugin for a predecessor's loopback, kept under the name of %s",
  async (ifName) => {
    node.configure();
    const network = await node.started();
    await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
    const its = { cniVersion: '0.2.0', ip4: { ip: '127.0.0.1/8' }, dns: {} };
    writeFileSync(node.path(`cache/results/cni-loopback-c0ffee-${ifName}`), JSON.stringify(its));
    writeFileSync(node.path('cache/results/cni-loopback-another-eth0'), JSON.stringify(its));
    const restarted = await node.started();
    expect(await restarted.addresses(sandboxOf('c0ffee'))).toEqual(['10.1.0.7', 'fd00::7']);
    await restarted.detach(aCall().ctx, aCniPod('c0ffee', ''));
    expect(node.plugins.story().slice(2)).toEqual(['second DEL', 'first DEL']);
    expect(node.cached()).toEqual(['cni-loopback-another-eth0']);
  },
);

it('DEL is not repeated for a pod that was taken off with its namespace, until there is something of it again', async () => {
  node.configure({}, ['first']);
  const network = await node.started();
  const [inside, gone] = [aCniPod('c0ffee', '/proc/self/ns/net'), aCniPod('c0ffee', '')];
  await network.detach(aCall().ctx, gone);
  await network.detach(aCall().ctx, gone);
  expect(node.plugins.story()).toEqual(['first DEL']);
  await network.detach(aCall().ctx, inside);
  expect(node.plugins.story()).toEqual(['first DEL', 'first DEL']);
  await network.attach(aCall().ctx, inside);
  await network.detach(aCall().ctx, gone);
  expect(node.plugins.story().slice(2)).toEqual(['first ADD', 'first DEL']);
});

asRoot('DEL finds the namespace of a pause that ends meanwhile, until it has succeeded', async () => {
  const readNetns = `readlink "$CNI_NETNS" >> '${node.path('seen')}'`;
  node.plugins.add('tuning', `[ "$CNI_COMMAND" = DEL ] && { ${readNetns}; exit 1; }; ${answering(ADD_RESULT)}`);
  node.plugins.add('bridge', answering(ADD_RESULT));
  node.configure({}, ['bridge', 'tuning']);
  const network = await node.started();
  const pause = await podProcess();
  const pod = aCniPod('c0ffee', pause.netns);
  const namespace = readlinkSync(pause.netns);
  await network.attach(aCall().ctx, pod);
  expect(await network.hold(aCall().ctx, pod)).toBe(true);
  await pause.end();
  expect(await refusalOf(network.detach(aCall().ctx, pod))).toMatch(/tuning failed at DEL/);
  node.plugins.add('tuning', `${readNetns}; exit 0`);
  // The kubelet calls again: the pod is stopped by now, and nothing leads to its namespace but what is held.
  expect(await network.hold(aCall().ctx, aCniPod('c0ffee', ''))).toBe(true);
  await network.detach(aCall().ctx, aCniPod('c0ffee', ''));
  expect(readFileSync(node.path('seen'), 'utf8')).toBe(`${namespace}\n${namespace}\n`);
  const [path = ''] = node.plugins
    .runs()
    .flatMap(({ environment }) => environment.CNI_NETNS ?? '')
    .slice(-1);
  expect(path).toMatch(new RegExp(`^/proc/${process.pid}/fd/\\d+$`));
  expect(existsSync(path) && readlinkSync(path) === namespace).toBe(false);
});

const withIp = spawnSync('ip', ['-Version']).status === 0 ? asRoot : it.skip;

withIp('DEL of a plugin that masquerades finds the addresses again when it has failed half way', async () => {
  const seen = node.path('seen');
  const addresses = `nsenter --net="$CNI_NETNS" ip -4 -oneline address show eth0 | wc -l >> '${seen}'`;
  const takeAway = 'nsenter --net="$CNI_NETNS" ip link del eth0; exit 1';
  node.plugins.add('bridge', `[ "$CNI_COMMAND" = DEL ] && { ${addresses}; ${takeAway}; }; ${answering(ADD_RESULT)}`);
  node.configure({}, [{ type: 'bridge', ipMasq: true }]);
  const network = await node.started();
  const pause = await openStandIn(aCall().ctx, 'eth0', ['10.1.0.7/24']);
  const pod = aCniPod('c0ffee', pause.path);
  await network.attach(aCall().ctx, pod);
  expect(await network.hold(aCall().ctx, pod)).toBe(true);
  await pause.close();
  expect(await refusalOf(network.detach(aCall().ctx, pod))).toMatch(/bridge failed at DEL/);
  node.plugins.add('bridge', `${addresses}; exit 0`);
  await network.detach(aCall().ctx, aCniPod('c0ffee', ''));
  expect(readFileSync(seen, 'utf8')).toBe('1\n1\n');
});

it.each([
  ['plugins of its own', ['bridge', 'nobodys']],
  ['an address from a daemon', [{ type: 'bridge', ipam: { type: 'dhcp' } }]],
  ['a delegate that is not known', [{ type: 'flannel', delegate: { type: 'calico' } }]],
])('a pod on a network of %s must keep its pause until DEL has succeeded', async (_, chain) => {
  for (const type of ['bridge', 'nobodys', 'flannel']) node.plugins.add(type, answering(ADD_RESULT));
  node.configure({}, chain);
  const network = await node.started();
  const pod = aCniPod('c0ffee', '/proc/self/ns/net');
  expect(await network.hold(aCall().ctx, pod)).toBe(false);
  await network.attach(aCall().ctx, pod);
  // What counts is the network that it was attached to.
  node.configure({}, ['bridge']);
  const restarted = await node.started();
  expect(await restarted.hold(aCall().ctx, pod)).toBe(false);
  await restarted.detach(aCall().ctx, pod);
  expect(node.plugins.runs().at(-1)?.environment.CNI_NETNS).toBe('/proc/self/ns/net');
  expect(await restarted.hold(aCall().ctx, pod)).toBe(true);
});

it('a pod must keep its pause where nobody can tell how it was attached', async () => {
  node.configure({}, ['bridge']);
  const network = await node.started();
  mkdirSync(node.path('cache'));
  writeFileSync(node.path('cache/results'), 'no directory');
  expect(await network.hold(aCall().ctx, aCniPod('c0ffee', '/proc/self/ns/net'))).toBe(false);
});
