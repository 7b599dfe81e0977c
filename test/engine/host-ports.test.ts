import { Protocol, RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { AnotherMachine, HOST_ADDRESSES } from '../support/another-machine';
import { CniNode } from '../support/cni-node';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type PodParts } from '../support/test-pods';
import { Answerer, answerTo, netnsOf } from '../support/traffic';

jest.setTimeout(60_000);

const { first, second, ipv6 } = HOST_ADDRESSES;
const REFUSED = /^(ECONNREFUSED|silence)$/;

describe.each(['cni', 'bridge'])('host ports with --network-plugin=%s', (plugin) => {
  let machine: AnotherMachine;
  let node: CniNode | undefined;
  let shim: ShimUnderTest;
  let pods: TestPods;
  const answerers: Answerer[] = [];
  const made: string[] = [];

  beforeAll(async () => {
    machine = AnotherMachine.connect();
    node = plugin === 'cni' ? CniNode.withNetwork() : undefined;
    shim = await ShimUnderTest.start(...(node?.flags ?? ['--network-plugin=bridge']));
    pods = await TestPods.over(shim);
  });

  afterEach(async () => {
    answerers.splice(0).forEach((answerer) => answerer.stop());
    // A pod that is taken from Docker behind the shim's back would leave its rules to the next test.
    for (const podSandboxId of made.splice(0)) await shim.call(Runtime.removePodSandbox, { podSandboxId });
  });

  afterAll(async () => {
    await shim.stop();
    node?.remove();
    machine.disconnect();
  });

  async function aPod(parts: PodParts): Promise<{ id: string; netns: string }> {
    const { id } = await pods.run(parts);
    made.push(id);
    return { id, netns: await netnsOf(id) };
  }

  /** A pod that answers `tcp` on TCP port 80 and `udp` on UDP port 53. */
  async function aServer(portMappings: NonNullable<PodParts['portMappings']>): Promise<{ id: string; netns: string }> {
    const { id, netns } = await aPod({ portMappings });
    answerers.push(await Answerer.start(netns, 'tcp', 80, 'tcp'), await Answerer.start(netns, 'udp', 53, 'udp'));
    return { id, netns };
  }

  it('are reached from another machine, over TCP and UDP, until the pod is stopped', async () => {
    const { id } = await aServer([
      { protocol: Protocol.TCP, containerPort: 80, hostPort: 18_081 },
      { protocol: Protocol.UDP, containerPort: 53, hostPort: 18_053 },
    ]);
    expect(answerTo(machine.netns, 'tcp', first, 18_081)).toBe('tcp');
    expect(answerTo(machine.netns, 'udp', first, 18_053)).toBe('udp');
    expect(answerTo(machine.netns, 'tcp', second, 18_081)).toBe('tcp');
    expect(answerTo(machine.netns, 'tcp', first, 18_082)).toMatch(REFUSED);
    await shim.call(Runtime.stopPodSandbox, { podSandboxId: id });
    expect(answerTo(machine.netns, 'tcp', first, 18_081)).toMatch(REFUSED);
  });

  it('on one address of the host are on no other', async () => {
    await aServer([{ protocol: Protocol.TCP, containerPort: 80, hostPort: 18_083, hostIp: second }]);
    expect(answerTo(machine.netns, 'tcp', second, 18_083)).toBe('tcp');
    expect(answerTo(machine.netns, 'tcp', first, 18_083)).toMatch(REFUSED);
  });

  it('are reached from the pod itself, and from the pod beside it', async () => {
    const { netns } = await aServer([{ protocol: Protocol.TCP, containerPort: 80, hostPort: 18_084 }]);
    const other = await aPod({});
    expect(answerTo(netns, 'tcp', first, 18_084)).toBe('tcp');
    expect(answerTo(other.netns, 'tcp', first, 18_084)).toBe('tcp');
  });

  it('are reached over IPv6 too, from another machine', async () => {
    await aServer([{ protocol: Protocol.TCP, containerPort: 80, hostPort: 18_085 }]);
    expect(answerTo(machine.netns, 'tcp', ipv6, 18_085)).toBe('tcp');
  });
});
