import type { ContainerInspect } from '../../src/docker/types';
import type { NodeSandbox } from '../../src/index/node-record';
import { ShimError } from '../../src/lib/errors';
import { KeyedMutex } from '../../src/lib/keyed-mutex';
import { networkedPod } from '../../src/translate/pod-networking';

export const SANDBOX_ID = 'f0'.repeat(32);

/** As much of Docker's answer about it as is looked at. */
function inspect(pid: number): ContainerInspect {
  const [Config, State] = [{ Labels: { 'io.kubernetes.docker.type': 'podsandbox' } }, { Running: pid > 0, Pid: pid }];
  const HostConfig = { NetworkMode: 'none' };
  return { Id: SANDBOX_ID, Name: '/k8s_POD_web_shop_uid_0', Config, State, HostConfig } as unknown as ContainerInspect;
}

/** What the index has of it. */
export function recordOf(pid: number): NodeSandbox {
  const network = { Id: SANDBOX_ID, HostConfig: {}, State: { Pid: pid } };
  const facts = {} as NodeSandbox['facts'];
  const own = {
    id: SANDBOX_ID,
    name: 'k8s_POD_web_shop_uid_0',
    running: pid > 0,
    endedAt: 0n,
    facts,
    imageId: 'sha256:1',
    runtimeHandler: '',
  };
  const details = { networked: networkedPod(inspect(pid)), runtime: '', selinuxLevel: '', usernsMode: '' };
  return { kind: 'podsandbox', ...own, network, details };
}

/** A node whose sandbox has one process after the other; undefined is none at all. */
export function nodeWith(...pids: (number | undefined)[]) {
  const next = () => {
    const pid = pids.length > 1 ? pids.shift() : pids[0];
    if (pid === undefined) throw new ShimError('NotFound', 'no such container');
    return pid;
  };
  return {
    engine: { inspectContainer: () => Promise.resolve(inspect(9)) },
    index: { settledSandbox: async () => Promise.resolve(recordOf(next())) },
    pods: new KeyedMutex(),
  };
}
