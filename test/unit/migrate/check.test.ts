import { ContainerState, PodSandboxState, type Container, type PodSandbox } from '../../../generated/runtime/v1/api';
import type { ContainerSummary } from '../../../src/docker/types';
import { adoptionFindings } from '../../../src/migrate/check';

const inDocker = (Id: string, State: ContainerSummary['State'], name = `k8s_${Id}_web_default_uid_0`) =>
  ({ Id, State, Names: [`/${name}`] }) as unknown as ContainerSummary;
const sandbox = (id: string, state: PodSandboxState) => ({ id, state }) as PodSandbox;
const container = (id: string, state: ContainerState) => ({ id, state }) as Container;

const DOCKER = {
  sandboxes: [inDocker('pod', 'running'), inDocker('old', 'exited')],
  containers: [inDocker('c', 'running')],
};

it('is content when both sides say the same', () => {
  const shim = {
    sandboxes: [sandbox('pod', PodSandboxState.SANDBOX_READY), sandbox('old', PodSandboxState.SANDBOX_NOTREADY)],
    containers: [container('c', ContainerState.CONTAINER_RUNNING)],
  };
  expect(adoptionFindings({ docker: DOCKER, shim })).toEqual([
    { subject: 'sandboxes', level: 'ok', says: 'the shim sees all 2 that Docker has, 1 of them running' },
    { subject: 'containers', level: 'ok', says: 'the shim sees all 1 that Docker has, 1 of them running' },
  ]);
});

it('names what the shim does not see, and what it sees otherwise', () => {
  const shim = {
    sandboxes: [sandbox('pod', PodSandboxState.SANDBOX_READY)],
    containers: [container('c', ContainerState.CONTAINER_EXITED)],
  };
  expect(adoptionFindings({ docker: DOCKER, shim })).toMatchObject([
    { level: 'problem', says: "the shim does not see old of Docker's 2" },
    { level: 'problem', says: 'the shim sees c in another state than Docker' },
  ]);
});

it('passes over what has the labels of a pod from its image alone', () => {
  const docker = { sandboxes: [], containers: [inDocker('tool', 'running', 'clever_curie')] };
  expect(adoptionFindings({ docker, shim: { sandboxes: [], containers: [] } })).toMatchObject([
    { level: 'ok' },
    { level: 'ok', says: 'the shim sees all 0 that Docker has, 0 of them running' },
  ]);
});

it.each(['paused', 'restarting'] as const)('what is %s runs', (word) => {
  const docker = { sandboxes: [inDocker('pod', word)], containers: [inDocker('c', word)] };
  const shim = {
    sandboxes: [sandbox('pod', PodSandboxState.SANDBOX_READY)],
    containers: [container('c', ContainerState.CONTAINER_RUNNING)],
  };
  expect(adoptionFindings({ docker, shim })).toMatchObject([{ level: 'ok' }, { level: 'ok' }]);
});
