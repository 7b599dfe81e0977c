import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  PodSandboxConfig,
  RunPodSandboxRequest,
  RuntimeServiceService as Runtime,
  UpdateRuntimeConfigRequest,
} from '../../generated/runtime/v1/api';
import { BUILT_IN_PAUSE_IMAGE } from '../../src/sandbox/pause/image-archive';
import { childrenOf, tracesOfChildren } from '../support/child-count';
import { CniNode } from '../support/cni-node';
import { answering, ScriptedPlugins, type PluginRun } from '../support/cni-plugins';
import { CriClient } from '../support/cri-client';
import { docker, ENGINE_SOCKET } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { bundleShim, ShimProcess } from '../support/shim-process';

/** What a node with and without a pod network tells, and which plugins it runs for that. */
jest.setTimeout(60_000);

/** As long as a kubelet looks at an idle node here, in milliseconds: longer than the shim's own looks are apart. */
const IDLE_MS = 8_000;

const bundle = join(mkdtempSync(join(tmpdir(), 'dockershim-readiness-')), 'dockershim.js');
let node: CniNode;
let plugins: ScriptedPlugins;
let shim: ShimProcess;
let client: CriClient;
let namespace: string;
let attempts = 0;

beforeAll(() => bundleShim(bundle));

afterAll(() => rmSync(join(bundle, '..'), { recursive: true }));

beforeEach(() => {
  attempts += 1;
  namespace = `dockershim-test-${process.pid}-ready-${attempts}`;
  node = CniNode.empty();
  plugins = new ScriptedPlugins(node.path('bin'));
  plugins.add('agent', answering({ cniVersion: '1.1.0', ips: [{ address: '10.191.0.7/24' }] }));
});

afterEach(async () => {
  await end();
  const containers = await docker('ps', '--all', '--quiet', '--filter', `name=${namespace}`);
  if (containers !== '') await docker('rm', '--force', ...containers.split('\n'));
  node.remove();
});

async function start(): Promise<void> {
  const flags = [
    `--container-runtime-endpoint=unix://${node.path('cri.sock')}`,
    `--docker-endpoint=unix://${ENGINE_SOCKET}`,
    `--root-directory=${node.path('root')}`,
    `--cri-dockerd-root-directory=${node.path('cri-dockerd')}`,
    `--pod-infra-container-image=${BUILT_IN_PAUSE_IMAGE}`,
    ...node.flags,
  ];
  shim = await ShimProcess.start(bundle, flags);
  client = new CriClient(node.path('cri.sock'));
}

async function end(): Promise<void> {
  client.close();
  await shim.kill();
}

function configureAgent(special: object = {}): void {
  const agent = { type: 'agent', capabilities: { ipRanges: true } };
  node.configure('10-agent.conflist', { name: 'agents', cniVersion: '1.1.0', plugins: [agent], ...special });
}

async function networkReady() {
  const { status } = await client.call(Runtime.status, { verbose: false });
  return status?.conditions.find(({ type }) => type === 'NetworkReady');
}

/** Until it is ready, or tells why not in these words. */
async function until(wanted: 'ready' | RegExp): Promise<void> {
  const giveUp = Date.now() + 15_000;
  for (;;) {
    const told = await networkReady();
    if (wanted === 'ready' ? told?.status : wanted.test(told?.message ?? '')) return;
    if (Date.now() > giveUp) throw new Error(`not ${String(wanted)}, but ${JSON.stringify(told)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function run(name: string): Promise<string> {
  const config = PodSandboxConfig.fromPartial({ metadata: { name, namespace, uid: name, attempt: 0 } });
  return (await client.call(Runtime.runPodSandbox, RunPodSandboxRequest.fromPartial({ config }))).podSandboxId;
}

/** The first GC that is not among the first runs of plugins. */
async function collectedAfter(runs: number): Promise<PluginRun> {
  for (;;) {
    const found = plugins.runs().find(({ command }, at) => at >= runs && command === 'GC');
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const tellPodCidr = (podCidr: string) =>
  client.call(
    Runtime.updateRuntimeConfig,
    UpdateRuntimeConfigRequest.fromPartial({ runtimeConfig: { networkConfig: { podCidr } } }),
  );

it('a node without a network says what to do, and is ready by itself when there is one', async () => {
  await start();
  expect(await networkReady()).toEqual({
    type: 'NetworkReady',
    status: false,
    reason: 'NetworkPluginNotReady',
    message: `there is no CNI configuration in ${node.path('conf')} yet; install a pod network, or start with --network-plugin=bridge`,
  });
  await expect(run('early')).rejects.toMatchObject(refusal('UNAVAILABLE', /there is no CNI configuration/));
  expect(await docker('ps', '--all', '--quiet', '--filter', `name=${namespace}`)).toBe('');

  mkdirSync(node.path('conf'));
  writeFileSync(node.path('conf/05-broken.conflist'), '{"name":');
  await until(/no CNI configuration in .* can be used; .*05-broken.conflist: it is no JSON/);
  configureAgent();
  await until(/the network agents takes its addresses from the node's pod CIDR, and the kubelet has told none yet/);
  await tellPodCidr('10.191.0.0/24');
  await until('ready');
  expect(await networkReady()).toMatchObject({ reason: '', message: '' });
  expect(shim.said.split('05-broken.conflist')).toHaveLength(2);
});

it('a network whose plugins are not ready is not, in their words, until they are', async () => {
  plugins.add('agent', `echo '{"code":50,"msg":"the agent is away"}'; exit 1`);
  configureAgent({ plugins: [{ type: 'agent' }] });
  await start();
  await until(/^the CNI plugin agent failed at STATUS: the agent is away \(CNI error 50\)$/);
  plugins.add('agent', 'exit 0');
  await until('ready');
  expect(plugins.runs()[0]?.environment).toEqual({
    CNI_COMMAND: 'STATUS',
    CNI_PATH: `/usr/lib/cni:${node.path('bin')}`,
  });
});

it('the next start asks plugins of 1.1.0 for GC with the pods that are live, and knows the pod CIDR', async () => {
  configureAgent();
  await start();
  await tellPodCidr('10.191.0.0/24,fd91::/64');
  await until('ready');
  const [gone, live] = [await run('gone'), await run('live')];
  expect(plugins.runs().at(-1)?.input.runtimeConfig).toEqual({
    ipRanges: [[{ subnet: '10.191.0.0/24' }], [{ subnet: 'fd91::/64' }]],
  });
  await end();
  await docker('rm', '--force', gone);
  const before = plugins.runs().length;
  await start();
  await until('ready');
  expect((await collectedAfter(before)).input['cni.dev/valid-attachments']).toEqual([
    { containerID: live, ifname: 'eth0' },
  ]);
});

it('CHECK is run for who asks to be told everything of a pod, and tells what is wrong', async () => {
  configureAgent({ plugins: [{ type: 'agent' }] });
  await start();
  await until('ready');
  const podSandboxId = await run('checked');
  const told = async (): Promise<unknown> => {
    const { info } = await client.call(Runtime.podSandboxStatus, { podSandboxId, verbose: true });
    return (JSON.parse(info['info'] ?? '') as { networkCheck: unknown }).networkCheck;
  };
  expect(await told()).toBe('passed');
  expect(plugins.runs().at(-1)).toMatchObject({
    command: 'CHECK',
    environment: {
      CNI_CONTAINERID: podSandboxId,
      CNI_IFNAME: 'eth0',
      CNI_NETNS: expect.stringMatching(/^\/proc\/\d+/),
    },
    input: { prevResult: { ips: [{ address: '10.191.0.7/24' }] } },
  });
  plugins.add('agent', `echo 'eth0 has gone' >&2; [ "$CNI_COMMAND" != CHECK ]`);
  expect(await told()).toMatch(/the CNI plugin agent failed at CHECK: .*eth0 has gone/);
});

it('idle, under the eyes of a kubelet, no process is started', async () => {
  configureAgent({ plugins: [{ type: 'agent' }] });
  await start();
  await until('ready');
  await collectedAfter(0);
  const beforeRun = tracesOfChildren(shim.pid);
  const podSandboxId = await run('quiet');
  expect(tracesOfChildren(shim.pid)).toBeGreaterThan(beforeRun);

  const before = { traces: tracesOfChildren(shim.pid), runs: plugins.runs().length };
  const enough = Date.now() + IDLE_MS;
  while (Date.now() < enough) {
    expect(await networkReady()).toMatchObject({ status: true });
    const { status } = await client.call(Runtime.podSandboxStatus, { podSandboxId, verbose: false });
    expect(status?.network?.ip).toBe('10.191.0.7');
    await client.call(Runtime.listPodSandbox, { filter: undefined });
    await client.call(Runtime.listPodSandboxStats, { filter: undefined });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect({ traces: tracesOfChildren(shim.pid), runs: plugins.runs().length }).toEqual(before);
  expect(childrenOf(shim.pid)).toBe('');
});

it('a pod is in the list when it has its address, not before', async () => {
  const attached = node.path('attached');
  const result = JSON.stringify({ cniVersion: '1.1.0', ips: [{ address: '10.191.0.7/24' }] });
  const slow = `while [ ! -e ${attached} ]; do sleep 0.05; done; printf '%s' '${result}'`;
  plugins.add('agent', `[ "$CNI_COMMAND" = ADD ] && { ${slow}; }; exit 0`);
  configureAgent({ plugins: [{ type: 'agent' }] });
  await start();
  await until('ready');
  const made = run('slow');
  while (!plugins.runs().some(({ command }) => command === 'ADD')) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const listed = async () => (await client.call(Runtime.listPodSandbox, { filter: undefined })).items;
  // Docker runs its pause container by now.
  expect(await docker('ps', '--quiet', '--filter', `name=${namespace}`)).not.toBe('');
  expect(await listed()).toEqual([]);
  writeFileSync(attached, '');
  const id = await made;
  expect((await listed()).map((one) => one.id)).toEqual([id]);
});
