import type { MethodDefinition } from '@grpc/grpc-js';
import {
  ContainerState,
  ContainerStatusResponse,
  ListContainersResponse,
  ListPodSandboxResponse,
  PodSandboxState,
  PodSandboxStatusResponse,
  StatusResponse,
} from '../../../../generated/runtime/v1/api';
import { nodePods } from '../../../../src/cli/pods/node-pods';
import { ShimError } from '../../../../src/lib/errors';

/** A shim that answers from a table; what is not in it has gone since it was listed. */
function shim(answers: Record<string, unknown>) {
  const asked: string[] = [];
  const call = <Q, R>({ path }: MethodDefinition<Q, R>, request: Q): Promise<R> => {
    const [method = ''] = path.split('/').slice(-1);
    const { podSandboxId, containerId } = request as { podSandboxId?: string; containerId?: string };
    const key = [method, podSandboxId ?? containerId].filter(Boolean).join(' ');
    asked.push(key);
    return key in answers ? Promise.resolve(answers[key] as R) : Promise.reject(new ShimError('NotFound', key));
  };
  return { asked, call };
}

const metadata = (name: string, attempt = 0) => ({ name, attempt, namespace: 'shop', uid: `uid-${name}` });

const LISTS = {
  Status: StatusResponse.fromPartial({ info: { logLag: '{"c1":7}' } }),
  ListPodSandbox: ListPodSandboxResponse.fromPartial({
    items: [
      { id: 'p2', metadata: metadata('web', 0), state: PodSandboxState.SANDBOX_NOTREADY, createdAt: 1n },
      { id: 'p1', metadata: metadata('web', 1), createdAt: 2n },
      { id: 'p3', metadata: metadata('app', 0), createdAt: 3n },
    ],
  }),
  ListContainers: ListContainersResponse.fromPartial({
    containers: [
      { id: 'c1', podSandboxId: 'p1', metadata: { name: 'b' }, state: ContainerState.CONTAINER_RUNNING },
      { id: 'c2', podSandboxId: 'p1', metadata: { name: 'a' }, state: ContainerState.CONTAINER_EXITED },
      { id: 'c3', podSandboxId: 'p1', metadata: { name: 'a', attempt: 1 }, image: { image: 'busybox' } },
    ],
  }),
};

it('brings pods and their containers together, in order', async () => {
  const cri = shim({
    ...LISTS,
    'PodSandboxStatus p1': PodSandboxStatusResponse.fromPartial({
      status: { network: { ip: '10.0.0.1', additionalIps: [{ ip: 'fd00::1' }] } },
    }),
    'PodSandboxStatus p3': PodSandboxStatusResponse.fromPartial({ status: {} }),
    'ContainerStatus c2': ContainerStatusResponse.fromPartial({ status: { exitCode: 3, reason: 'Error' } }),
  });
  const pods = await nodePods(cri);
  expect(pods.map(({ id, addresses }) => [id, addresses])).toEqual([
    ['p3', []],
    ['p1', ['10.0.0.1', 'fd00::1']],
    ['p2', []],
  ]);
  expect(pods[1]).toMatchObject({ namespace: 'shop', name: 'web', uid: 'uid-web', attempt: 1, state: 'ready' });
  expect(pods[1]?.containers).toMatchObject([
    { id: 'c3', name: 'a', attempt: 1, state: 'created', image: 'busybox' },
    { id: 'c2', name: 'a', state: 'exited', exitCode: 3, reason: 'Error' },
    { id: 'c1', name: 'b', state: 'running', logLag: 7 },
  ]);
  // A pod that is down has no address, and only what has ended has an exit code.
  expect(cri.asked).not.toContain('PodSandboxStatus p2');
  expect(cri.asked).not.toContain('ContainerStatus c1');
});

it('shows what went away meanwhile as it was listed', async () => {
  const pods = await nodePods(shim(LISTS));
  expect(pods.map(({ id }) => id)).toEqual(['p3', 'p1', 'p2']);
  expect(pods[1]?.containers[1]).toEqual(expect.not.objectContaining({ exitCode: expect.anything() }));
});

it('fails as the lists fail', async () => {
  await expect(nodePods(shim({}))).rejects.toMatchObject({ kind: 'NotFound' });
});
