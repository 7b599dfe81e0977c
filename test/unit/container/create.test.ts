import { CreateContainerRequest } from '../../../generated/runtime/v1/api';
import { createContainer, type CreateNeeds } from '../../../src/container/create';
import type { EngineFacts } from '../../../src/docker/engine-facts';
import type { ContainerInspect } from '../../../src/docker/types';
import { inspectedSandbox, type NodeSandbox } from '../../../src/index/node-record';
import { ShimError } from '../../../src/lib/errors';
import { KeyedMutex } from '../../../src/lib/keyed-mutex';
import { sandboxLabels } from '../../../src/translate/labels';
import { aCall } from '../../support/a-call';
import { refusalOf } from '../../support/refusal';

const SANDBOX = 'a'.repeat(64);
const POD = 'k8s_POD_pod_default_uid_0';
const RUNTIMES = { names: ['runc'], default: 'runc', recursiveReadOnly: [] };
const NOT_RUNNING = `FailedPrecondition: the pod sandbox ${SANDBOX} does not run: its pod needs a new one`;

/** A pod that runs when the call begins, and what becomes of it while the container's seccomp profile is read. */
class Node {
  readonly created: string[] = [];
  readonly pods = new KeyedMutex();
  private pod: 'running' | 'stopped' | 'removed' = 'running';

  constructor(private readonly meanwhile: (node: Node) => Promise<void>) {}

  /** A whole StopPodSandbox or RemovePodSandbox: it holds the pod's lock, and returns when the index shows what it did. */
  async ends(pod: 'stopped' | 'removed'): Promise<void> {
    await this.pods.run(aCall().ctx, POD, () => Promise.resolve(void (this.pod = pod)));
  }

  create(): Promise<unknown> {
    const linux = { securityContext: { seccomp: { profileType: 2, localhostRef: '/profile.json' } } };
    const config = { metadata: { name: 'app' }, image: { image: 'busybox:1' }, linux };
    const request = CreateContainerRequest.fromPartial({ podSandboxId: SANDBOX, config });
    return createContainer(this.needs())(request, aCall().ctx);
  }

  private needs(): CreateNeeds {
    return {
      engine: {
        inspectContainer: () => Promise.reject(new Error('the index knows')),
        inspectImage: () => Promise.reject(new Error('nobody is to be looked up')),
        createContainer: (_ctx, name) => Promise.resolve(name).finally(() => this.created.push(name)),
        removeContainer: () => Promise.resolve(),
        findInContainer: () => Promise.reject(new Error('nothing is to be found')),
      },
      index: { settledSandbox: () => this.shown() },
      facts: () =>
        Promise.resolve({ runtimes: RUNTIMES, seccomp: true, cgroupDriver: 'cgroupfs' } as unknown as EngineFacts),
      pods: this.pods,
      accounts: { find: () => Promise.resolve(undefined) },
      hostPaths: {
        resolve: () => Promise.reject(new Error('nothing is mounted')),
        requireThere: () => Promise.reject(new Error('there are no devices')),
      },
      lowestOomScore: -1000,
      hugepageSizes: [],
      logSpoolBytes: undefined,
      requireAppArmorProfile: () => undefined,
      readSeccompProfile: () => this.meanwhile(this).then(() => '{}'),
    };
  }

  private shown(): Promise<NodeSandbox> {
    if (this.pod === 'removed') return Promise.reject(new ShimError('NotFound', 'there is no such sandbox'));
    return Promise.resolve(inspectedSandbox(inspected(this.pod === 'running'), RUNTIMES));
  }
}

function inspected(Running: boolean): ContainerInspect {
  const Labels = sandboxLabels({ labels: {}, annotations: {} });
  const State = { Running, Pid: 1, FinishedAt: '' };
  const own = { Id: SANDBOX, Name: `/${POD}`, Created: '' };
  return { ...own, State, Config: { Labels }, HostConfig: {} } as unknown as ContainerInspect;
}

it('makes a container in a pod that runs', async () => {
  const node = new Node(() => Promise.resolve());
  expect(await node.create()).toEqual({ containerId: 'k8s_app_pod_default_uid_0' });
});

it.each([
  ['stopped', NOT_RUNNING],
  ['removed', 'NotFound: there is no such sandbox'],
] as const)('makes none in a pod that was %s between the first look and the lock', async (end, sentence) => {
  const node = new Node((node) => node.ends(end));
  expect(await refusalOf(node.create())).toBe(sentence);
  expect(node.created).toEqual([]);
});

it('makes none in a pod that is being stopped when it comes to the lock', async () => {
  const node = new Node((node) => {
    void node.ends('stopped');
    return Promise.resolve();
  });
  expect(await refusalOf(node.create())).toBe(NOT_RUNNING);
  expect(node.created).toEqual([]);
});
