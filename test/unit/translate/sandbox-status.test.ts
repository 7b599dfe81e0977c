import { NamespaceMode, PodSandboxState } from '../../../generated/runtime/v1/api';
import type { ContainerInspect, ContainerSummary } from '../../../src/docker/types';
import { listedFacts, listedSandbox, sandboxFacts, toPodSandboxStatus } from '../../../src/translate/sandbox-status';

const ID = '1'.repeat(64);
const NAME = '/k8s_POD_web_shop_uid_3';
const METADATA = { name: 'web', namespace: 'shop', uid: 'uid', attempt: 3 };
const LABELS = {
  'io.kubernetes.docker.type': 'podsandbox',
  'io.kubernetes.container.name': 'POD',
  tier: 'web',
  'annotation.seen': '1',
};

function inspected(Running: boolean): ContainerInspect {
  return {
    Id: ID,
    Name: NAME,
    Created: '1970-01-01T00:00:01.000000005Z',
    State: { Running },
    HostConfig: { NetworkMode: 'default', IpcMode: 'shareable' },
    Config: { Image: 'pause:1', Labels: LABELS },
  } as unknown as ContainerInspect;
}

it('has every field', () => {
  expect(toPodSandboxStatus(sandboxFacts(inspected(true)), ['10.0.0.5', 'fd00::5'], 'kata')).toEqual({
    id: ID,
    metadata: METADATA,
    state: PodSandboxState.SANDBOX_READY,
    createdAt: 1_000_000_005n,
    network: { ip: '10.0.0.5', additionalIps: [{ ip: 'fd00::5' }] },
    linux: {
      namespaces: {
        options: {
          network: NamespaceMode.POD,
          pid: NamespaceMode.CONTAINER,
          ipc: NamespaceMode.POD,
          targetId: '',
          usernsOptions: undefined,
        },
      },
    },
    labels: { tier: 'web' },
    annotations: { seen: '1' },
    runtimeHandler: 'kata',
  });
});

it('that has stopped is not ready, and has no address', () => {
  expect(toPodSandboxStatus(sandboxFacts(inspected(false)), [], '')).toMatchObject({
    state: PodSandboxState.SANDBOX_NOTREADY,
    network: { ip: '', additionalIps: [] },
    runtimeHandler: '',
  });
});

describe('a row of the list', () => {
  const ROW: ContainerSummary = {
    Id: ID,
    Names: [NAME],
    Image: 'pause:1',
    ImageID: 'sha256:2',
    Created: 1,
    State: 'running',
    Labels: LABELS,
  };

  it('has every field', () => {
    expect(listedSandbox(listedFacts(ROW), 'kata')).toEqual({
      id: ID,
      metadata: METADATA,
      state: PodSandboxState.SANDBOX_READY,
      createdAt: 1_000_000_000n,
      labels: { tier: 'web' },
      annotations: { seen: '1' },
      runtimeHandler: 'kata',
    });
  });

  it.each([
    ['running', PodSandboxState.SANDBOX_READY],
    ['paused', PodSandboxState.SANDBOX_READY],
    ['restarting', PodSandboxState.SANDBOX_READY],
    ['created', PodSandboxState.SANDBOX_NOTREADY],
    ['exited', PodSandboxState.SANDBOX_NOTREADY],
    ['dead', PodSandboxState.SANDBOX_NOTREADY],
    ['removing', PodSandboxState.SANDBOX_NOTREADY],
  ] as const)('that is %s has state %p', (State, state) => {
    expect(listedFacts({ ...ROW, State }).state).toBe(state);
  });

  it('does without names and labels', () => {
    const row = listedFacts({ ...ROW, Names: null, Labels: null });
    expect(row).toMatchObject({ metadata: undefined, labels: {}, annotations: {} });
  });
});
