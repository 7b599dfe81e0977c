import { execFileSync } from 'node:child_process';
import { RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { CniNode } from '../support/cni-node';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type PodParts, type TestPod } from '../support/test-pods';
import { Answerer, answerTo, HOST, netnsOf } from '../support/traffic';

jest.setTimeout(180_000);

const MANY = 30;

let node: CniNode;
let shim: ShimUnderTest;
let pods: TestPods;
const answerers: Answerer[] = [];
const made = new Set<TestPod>();
const NOTHING = { addresses: [], 'cache entries': [], links: [], rules: [] };

beforeAll(async () => {
  node = CniNode.withNetwork();
  shim = await ShimUnderTest.start(...node.flags);
  pods = await TestPods.over(shim);
});

afterEach(async () => {
  answerers.splice(0).forEach((answerer) => answerer.stop());
  await Promise.all([...made].map(takeAway));
});

afterAll(async () => {
  await shim.stop();
  node.remove();
});

/** The addresses that PodSandboxStatus answers: IPv4, IPv6. */
async function addressesOf({ id }: TestPod): Promise<[string, string]> {
  const { network } = await pods.sandboxStatus(id);
  return [network?.ip ?? '', network?.additionalIps[0]?.ip ?? ''];
}

async function aPod(parts: PodParts = {}): Promise<TestPod> {
  const pod = await pods.run(parts, { timeoutMs: 120_000 });
  made.add(pod);
  return pod;
}

async function takeAway(pod: TestPod): Promise<void> {
  made.delete(pod);
  await shim.call(Runtime.stopPodSandbox, { podSandboxId: pod.id });
  await shim.call(Runtime.removePodSandbox, { podSandboxId: pod.id });
}

it('pods reach each other, and the host reaches them, by the addresses of both families that their status tells', async () => {
  const [one, two] = [await aPod(), await aPod()];
  answerers.push(await Answerer.start(await netnsOf(one.id), 'tcp', 80, 'one'));
  const [four, six] = await addressesOf(one);
  expect(four).toMatch(/^10\.190\.0\./);
  expect(six).toMatch(/^fd90::/);
  await node.hasIpv6();
  for (const from of [await netnsOf(two.id), HOST]) {
    expect(answerTo(from, 'tcp', four, 80)).toBe('one');
    expect(answerTo(from, 'tcp', six, 80)).toBe('one');
  }
  await takeAway(one);
  await takeAway(two);
  expect(node.left()).toEqual(NOTHING);
});

it('a container of the pod is on its network, and a restart of the shim changes nothing', async () => {
  const pod = await aPod();
  const [four, six] = await addressesOf(pod);
  const containerId = await pods.started(pod);
  expect(await pods.script(containerId, 'cat /proc/net/fib_trie')).toContain(four);
  await shim.restart();
  expect(await addressesOf(pod)).toEqual([four, six]);
  await takeAway(pod);
  expect(node.left()).toEqual(NOTHING);
});

it('bandwidth that annotations limit is limited by the kernel, both ways', async () => {
  const pod = await aPod({
    annotations: { 'kubernetes.io/ingress-bandwidth': '10M', 'kubernetes.io/egress-bandwidth': '5M' },
  });
  const limits = execFileSync('tc', ['qdisc', 'show'], { encoding: 'utf8' });
  expect(limits).toMatch(/tbf .*dev veth\w+ .*rate 10Mbit/);
  expect(limits).toMatch(/tbf .*dev bwp\w+ .*rate 5Mbit/);
  await takeAway(pod);
  expect(node.left()).toEqual(NOTHING);
});

it(`${MANY} pods are made at once, each with addresses of its own, and taken away at once without a trace`, async () => {
  const many = await Promise.all(Array.from({ length: MANY }, () => aPod()));
  const addresses = (await Promise.all(many.map(addressesOf))).flat();
  expect(new Set(addresses).size).toBe(2 * MANY);
  expect(
    node
      .left()
      .addresses.map((name) => name.replaceAll('_', ':'))
      .sort(),
  ).toEqual([...addresses].sort());
  const netns = await netnsOf(many[0]?.id ?? '');
  const last = await netnsOf(many.at(-1)?.id ?? '');
  answerers.push(await Answerer.start(last, 'tcp', 80, 'the last'));
  expect(answerTo(netns, 'tcp', addresses.at(-2) ?? '', 80)).toBe('the last');
  await Promise.all(many.map(takeAway));
  expect(node.left()).toEqual(NOTHING);
});
