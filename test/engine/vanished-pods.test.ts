import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { createApp, type App } from '../../src/app';
import { silentLog } from '../../src/lib/log';
import { CniNetwork } from '../../src/network/cni/network';
import { vanishedPod } from '../../src/network/pod';
import { checksum, serialize } from '../../src/store/checkpoint-text';
import { networkedPod } from '../../src/translate/pod-networking';
import { aCall } from '../support/a-call';
import { CriClient } from '../support/cri-client';
import { docker, importBusybox, inspect } from '../support/engine-under-test';
import { faultBench } from '../support/fault-bench';
import { answerOf, FaultTable } from '../support/fault-table';
import { KubeletCalls } from '../support/kubelet-calls';
import { readConfig } from '../support/read-config';

/**
 * Pods whose pause container was taken away or died behind the shim's back, pods of the predecessors, and checkpoints that
 * are damaged: each pod can be stopped and removed, and leaves nothing.
 */
jest.setTimeout(60_000);

const IMAGE = `dockershim-test-${process.pid}-vanished/busybox:1`;

let app: App;
let client: CriClient;
let pod: KubeletCalls;

afterEach(async () => {
  client.close();
  await app.stop();
});

const bench = faultBench('vanished');
const table = new FaultTable(bench);

beforeAll(() => importBusybox(IMAGE));

afterAll(() => docker('image', 'rm', IMAGE));

beforeEach(() => start());

async function start(): Promise<void> {
  app = await createApp(readConfig(bench.flags()), [], silentLog);
  await app.start();
  client = new CriClient(bench.path('cri.sock'));
  pod = new KubeletCalls(client, bench.namespace, IMAGE);
}

async function restart(between: () => void | Promise<void>): Promise<void> {
  client.close();
  await app.stop();
  await between();
  await start();
}

/** A pod with a container that runs. */
async function runningPod(): Promise<string> {
  const id = await pod.run();
  await pod.startContainer(id);
  return id;
}

async function addressOf(podSandboxId: string): Promise<string | undefined> {
  const { status } = await client.call(Runtime.podSandboxStatus, { podSandboxId, verbose: false });
  return status?.network?.ip;
}

const checkpoint = (id: string): string => bench.path('cri-dockerd/sandbox', id);
/** The last of the kubelet's calls for a pod. */
async function end(id: string): Promise<void> {
  await pod.stop(id);
  await pod.remove(id);
}

async function until(done: () => boolean): Promise<void> {
  for (let look = 0; look < 200 && !done(); look += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(done()).toBe(true);
}

describe('a pause container that is removed while the shim runs', () => {
  it('StopPodSandbox takes the pod off its network and stops its containers', async () => {
    const id = await runningPod();
    await docker('rm', '--force', id);
    const answer = await answerOf(pod.stop(id));
    expect(await bench.left()).toEqual(['container', 'checkpoint']);
    const running = await docker('ps', '--quiet', '--filter', `name=${bench.namespace}`);
    expect(running).toBe('');
    await table.settle('pause removed, then stop', answer, () => pod.remove(id));
  });

  it('RemovePodSandbox does all of it', async () => {
    const id = await runningPod();
    await docker('rm', '--force', id);
    const answer = await answerOf(pod.remove(id));
    await table.settle('pause removed, then remove', answer, () => Promise.resolve());
  });

  it('a DEL that fails is an error, and is tried again', async () => {
    const id = await runningPod();
    await docker('rm', '--force', id);
    bench.fault('DEL fails');
    const answer = await answerOf(pod.remove(id));
    expect(answer).toMatch(/failed at DEL/);
    expect(await bench.left()).toEqual(expect.arrayContaining(['address', 'cache entry', 'checkpoint']));
    await table.settle('pause removed, DEL fails', answer, async () => {
      bench.heal();
      await end(id);
    });
  });

  it('its checkpoint is enough where the CNI cache knows nothing', async () => {
    const id = await pod.run();
    await docker('rm', '--force', id);
    renameSync(bench.path('cache/results'), bench.path('elsewhere'));
    const answer = await answerOf(pod.remove(id));
    // Only the cache knows the addresses that the rule is for.
    expect(await bench.left()).toEqual(['masquerading rule']);
    await table.settle('pause and cache entry removed', answer, async () => {
      renameSync(bench.path('elsewhere'), bench.path('cache/results'));
      await pod.remove(id);
    });
  });

  it('the CNI cache is enough where the checkpoint is corrupt', async () => {
    const id = await pod.run();
    await docker('rm', '--force', id);
    writeFileSync(checkpoint(id), readFileSync(checkpoint(id), 'utf8').replace('18180', '18181'));
    await table.settle('pause removed, checkpoint corrupt', await answerOf(pod.stop(id)), () => pod.remove(id));
  });
});

it.each([
  ['is killed', ['kill']],
  ['is removed while the shim is down', ['rm', '--force']],
])('a pause container that %s', async (what, command) => {
  const id = await runningPod();
  let answer = '';
  await restart(async () => {
    await docker(...command, id);
    answer = (await bench.left()).includes('link') ? 'its link is there' : 'its namespace is gone';
  });
  await table.settle(`pause ${what}`, answer, () => end(id));
});

it('a DEL that was cut off when it had removed the interface is done to its end by the next one', async () => {
  const id = await runningPod();
  const { State } = await inspect(id);
  execFileSync('nsenter', [`--net=/proc/${State.Pid}/ns/net`, 'ip', 'link', 'del', 'eth0']);
  await table.settle('DEL cut off half way', await answerOf(pod.stop(id)), () => pod.remove(id));
});

it('a pod that vanished while the shim was down, and that nobody asks for, is torn down at the start', async () => {
  const id = await pod.run();
  await restart(async () => void (await docker('rm', '--force', id)));
  await table.settle('pause removed, nobody asks', '', () => bench.untilNothingIsLeft());
});

describe('a checkpoint', () => {
  it.each([
    ['corrupt', (id: string) => writeFileSync(checkpoint(id), '{"version":"v1","na')],
    ['missing', (id: string) => rmSync(checkpoint(id))],
  ])('that is %s is made anew of the container at the start', async (_how, damage) => {
    const id = await pod.run();
    const before = readFileSync(checkpoint(id), 'utf8');
    await restart(() => damage(id));
    await until(() => existsSync(checkpoint(id)) && readFileSync(checkpoint(id), 'utf8') === before);
    await end(id);
    expect(await bench.left()).toEqual([]);
  });
});

describe("the in-tree dockershim's pod", () => {
  const inTreeCheckpoint = (id: string): string => bench.path('root/sandbox', id);

  async function predecessor(): Promise<CniNetwork> {
    const cni = new CniNetwork({
      confDir: bench.path('conf'),
      binDirs: ['/usr/lib/cni', bench.path('bin')],
      cacheDir: bench.path('its-cache'),
      log: silentLog,
      podCidr: { read: () => Promise.resolve(''), write: () => Promise.resolve() },
    });
    await cni.start();
    return cni;
  }

  /** As it leaves it, but that the CNI cache is somewhere else. Answers its id and its address. */
  async function predecessorsPod(): Promise<{ id: string; address: string }> {
    const labels = ['--label', 'io.kubernetes.docker.type=podsandbox'];
    const name = ['--name', `k8s_POD_old_${bench.namespace}_uid_0`];
    const id = await docker(
      'run',
      '--detach',
      ...name,
      ...labels,
      '--network=none',
      '--stop-signal=KILL',
      '-p',
      '18182:80',
      IMAGE,
      'sleep',
      '900',
    );
    const cni = await predecessor();
    const sandbox = await inspect(id);
    await cni.attach(aCall().ctx, networkedPod(sandbox));
    const [address = ''] = await cni.addresses(sandbox);
    cni.stop();
    const kept = {
      name: 'old',
      namespace: bench.namespace,
      hostNetwork: false,
      portMappings: [{ protocol: 'tcp', containerPort: 80, hostPort: 18_182, hostIp: '' }] as const,
    };
    mkdirSync(bench.path('root/sandbox'), { recursive: true });
    writeFileSync(
      inTreeCheckpoint(id),
      serialize(kept).replace(String(checksum(kept)), String(checksum(kept, 'dockershim'))),
    );
    return { id, address };
  }

  it('has the addresses of its namespace, gets a checkpoint for cri-dockerd, and goes with all that it has', async () => {
    const { id, address } = await predecessorsPod();
    expect(address).toMatch(/^10\.188\.0\./);
    expect(await addressOf(id)).toBe(address);
    await restart(() => undefined);
    await until(() => existsSync(checkpoint(id)));
    expect(JSON.parse(readFileSync(checkpoint(id), 'utf8'))).toMatchObject({
      name: 'old',
      data: { port_mappings: [{ host_port: 18_182 }] },
    });
    expect(existsSync(inTreeCheckpoint(id))).toBe(true);
    await table.settle('pod of the in-tree dockershim', await answerOf(pod.stop(id)), () => pod.remove(id));
  });

  it.each([
    ['has stopped', ['stop', '--time=0']],
    ['was removed', ['rm', '--force']],
  ])('whose pause %s gives its address and its host port back', async (what, command) => {
    const { id } = await predecessorsPod();
    await docker(...command, id);
    await end(id);
    // Nobody but the predecessor knows the addresses that the rule is for.
    expect(await bench.left()).toEqual(['masquerading rule']);
    await table.settle(`in-tree pause ${what}`, '', async () => {
      const cni = await predecessor();
      await cni.detach(aCall().ctx, vanishedPod(id, undefined));
      cni.stop();
    });
  });
});
