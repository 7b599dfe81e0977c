import { readFileSync, writeFileSync } from 'node:fs';
import { silentLog } from '../../../../src/lib/log';
import { aCall } from '../../../support/a-call';
import { ADD_RESULT, cniNetworkUnderTest } from '../../../support/cni-network-under-test';
import { answering } from '../../../support/cni-plugins';
import { aCniPod, sandboxOf } from '../../../support/cni-pods';
import { refusalOf } from '../../../support/refusal';

const node = cniNetworkUnderTest();
const FAILING = `[ "$CNI_COMMAND" = ADD ] && echo '{"code":999,"msg":"no room","details":"in the pool"}' && exit 1; exit 0`;

it('ADD runs the chain in order, hands on each result, and answers the addresses, IPv4 first', async () => {
  node.configure({}, ['first', { type: 'second', capabilities: { portMappings: true, bandwidth: true, dns: false } }]);
  const network = await node.started();
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
  const [first, second, ...more] = node.plugins.runs();
  expect(more).toEqual([]);
  expect(first).toMatchObject({ plugin: 'first', command: 'ADD' });
  expect(first?.input).toEqual({ type: 'first', name: 'pods', cniVersion: '1.0.0' });
  expect(first?.environment).toEqual({
    CNI_COMMAND: 'ADD',
    CNI_CONTAINERID: 'c0ffee',
    CNI_NETNS: '/var/run/netns/web',
    CNI_IFNAME: 'eth0',
    CNI_PATH: node.path('bin'),
    CNI_ARGS:
      'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID=c0ffee;K8S_POD_UID=a1b2',
  });
  expect(second?.input).toMatchObject({ prevResult: ADD_RESULT });
  expect(second?.input.runtimeConfig).toEqual({
    portMappings: [{ hostPort: 5353, containerPort: 53, protocol: 'udp', hostIP: '127.0.0.1' }],
    bandwidth: { ingressRate: 1_000_000, ingressBurst: 2_147_483_647 },
  });
});

it("ADD keeps what DEL needs in libcni's format", async () => {
  node.configure();
  const network = await node.started();
  await network.attach(aCall().ctx, aCniPod('c0ffee', '/var/run/netns/web'));
  expect(node.cached()).toEqual(['pods-c0ffee-eth0']);
  const entry = JSON.parse(readFileSync(node.path('cache/results/pods-c0ffee-eth0'), 'utf8')) as {
    config: string;
  };
  expect(entry).toMatchObject({ kind: 'cniCacheV1', containerId: 'c0ffee', ifName: 'eth0', networkName: 'pods' });
  expect(entry).toMatchObject({ cniArgs: expect.arrayContaining([['K8S_POD_NAME', 'web']]), result: ADD_RESULT });
  expect(Buffer.from(entry.config, 'base64').toString()).toBe(readFileSync(node.path('conf/10-pods.conflist'), 'utf8'));
});

it('ADD undoes what ran, the failing plugin included, and says what the plugin said', async () => {
  node.plugins.add('second', FAILING);
  node.plugins.add('third', answering(ADD_RESULT));
  node.configure({}, ['first', 'second', 'third']);
  const network = await node.started();
  const attaching = network.attach(aCall().ctx, aCniPod('c0ffee', '/var/run/netns/web'));
  expect(await refusalOf(attaching)).toBe(
    'Internal: attach pod default/web to the network pods: the CNI plugin second failed at ADD: no room; in the pool (CNI error 999)',
  );
  expect(node.plugins.story()).toEqual(['first ADD', 'second ADD', 'second DEL', 'first DEL']);
  expect(node.plugins.runs()[3]?.input).toMatchObject({ prevResult: ADD_RESULT });
  expect(node.cached()).toEqual([]);
});

it('ADD undoes without a namespace when that has gone meanwhile, which plugins understand best', async () => {
  const netns = node.path('netns');
  writeFileSync(netns, '');
  node.plugins.add('second', `rm -f '${netns}'; ${FAILING}`);
  node.configure();
  const network = await node.started();
  await refusalOf(network.attach(aCall().ctx, aCniPod('c0ffee', netns)));
  const asked = node.plugins.runs().map(({ command, environment }) => [command, environment.CNI_NETNS]);
  expect(asked).toEqual([
    ...[
      ['ADD', netns],
      ['ADD', netns],
    ],
    ...[
      ['DEL', ''],
      ['DEL', ''],
    ],
  ]);
});

it('ADD keeps the cache entry when undoing fails, so that DEL can be tried again', async () => {
  node.plugins.add('first', `[ "$CNI_COMMAND" = DEL ] && exit 3; ${answering(ADD_RESULT)}`);
  node.plugins.add('second', FAILING);
  node.configure();
  const network = await node.started();
  await refusalOf(network.attach(aCall().ctx, aCniPod('c0ffee', '')));
  expect(node.cached()).toEqual(['pods-c0ffee-eth0']);
  node.plugins.add('first', answering(ADD_RESULT));
  await network.detach(aCall().ctx, aCniPod('c0ffee', ''));
  expect(node.cached()).toEqual([]);
});

it.each([
  ['rubbish', 'echo rubbish', 'it succeeded, but printed rubbish, which is no CNI result'],
  ['nothing', '', 'it succeeded, but printed nothing, which is no CNI result'],
  ['rubbish and a failure', 'echo rubbish; exit 4', 'it exited with 4: rubbish'],
  ['its trouble on stderr', 'echo trouble >&2; exit 5', 'it exited with 5: trouble'],
  ['nothing and a failure', 'exit 6', 'it exited with 6 and said nothing'],
  ['its own end', 'kill -9 $$', 'it was killed and said nothing'],
  ['more than is bearable', 'yes', 'it printed more than 1048576 bytes'],
])('ADD makes an error of a plugin that answers %s', async (_, script, words) => {
  node.plugins.add('first', `[ "$CNI_COMMAND" = ADD ] || exit 0; ${script}`);
  node.configure({}, ['first']);
  const network = await node.started();
  const refused = await refusalOf(network.attach(aCall().ctx, aCniPod('c0ffee', '')));
  expect(refused).toContain(`the CNI plugin first failed at ADD: ${words}`);
  expect(node.plugins.story()).toEqual(['first ADD', 'first DEL']);
});

it('ADD refuses a network that gives no address', async () => {
  node.plugins.add('first', answering({ cniVersion: '1.0.0' }));
  node.configure({}, ['first']);
  const network = await node.started();
  const refused = await refusalOf(network.attach(aCall().ctx, aCniPod('c0ffee', '')));
  expect(refused).toContain('the network pods gave it no address');
  expect(node.plugins.story()).toEqual(['first ADD', 'first DEL']);
});

it('ADD kills a plugin that hangs, and its children, at its deadline', async () => {
  const pid = node.path('pid');
  node.plugins.add('first', `[ "$CNI_COMMAND" = ADD ] || exit 0; sleep 1000 & echo $! > '${pid}'; wait`);
  node.configure({}, ['first']);
  const network = await node.started(silentLog, 2_000);
  expect(await refusalOf(network.attach(aCall().ctx, aCniPod('c0ffee', '')))).toContain(
    'DeadlineExceeded: attach pod default/web to the network pods: the CNI plugin first failed at ADD: it took more than',
  );
  const child = Number(readFileSync(pid, 'utf8'));
  while (isAlive(child)) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(node.plugins.story()).toEqual(['first ADD', 'first DEL']);
});

it('ADD ends with its call, and undoes in a context of its own', async () => {
  node.plugins.add('second', `[ "$CNI_COMMAND" = ADD ] || exit 0; sleep 1000`);
  node.configure();
  const network = await node.started();
  const call = aCall();
  const attaching = network.attach(call.ctx, aCniPod('c0ffee', ''));
  while (node.plugins.story().length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  call.cancel();
  expect(await refusalOf(attaching)).toContain('Cancelled:');
  expect(node.plugins.story().slice(2)).toEqual(['second DEL', 'first DEL']);
});

it('ADD waits no longer for a daemon that a plugin left behind with its output', async () => {
  node.plugins.add('first', `sleep 1000 & echo $! > '${node.path('pid')}'; ${answering(ADD_RESULT)}`);
  node.configure({}, ['first']);
  const network = await node.started();
  await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
  expect(await network.addresses(sandboxOf('c0ffee'))).toHaveLength(2);
  process.kill(Number(readFileSync(node.path('pid'), 'utf8')), 'SIGKILL');
});

it('ADD refuses a name that CNI_ARGS could not carry', async () => {
  node.configure();
  const network = await node.started();
  const attaching = network.attach(aCall().ctx, aCniPod('c0ffee', '', { name: 'web;IgnoreUnknown=0' }));
  expect(await refusalOf(attaching)).toContain('InvalidArgument: ');
  expect(node.plugins.story()).toEqual([]);
});

function isAlive(pid: number): boolean {
  try {
    // A zombie that nobody reaps is as good as gone.
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}
