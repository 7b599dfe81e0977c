import { ContainerEventType, ContainerState, PodSandboxState } from '../../../../generated/runtime/v1/api';
import { steps } from '../../../../src/index/cri-events/lifecycle';
import type { NodeContainer, NodeRecord, NodeSandbox } from '../../../../src/index/node-record';

const { CONTAINER_CREATED_EVENT: CREATED, CONTAINER_STARTED_EVENT: STARTED } = ContainerEventType;
const { CONTAINER_STOPPED_EVENT: STOPPED, CONTAINER_DELETED_EVENT: DELETED } = ContainerEventType;

function container(state: ContainerState, startedAt = 1n): NodeContainer {
  const status = { id: 'c', state, startedAt } as NodeContainer['status'];
  const running = state === ContainerState.CONTAINER_RUNNING;
  return {
    kind: 'container',
    id: 'c',
    name: 'c',
    running,
    sandboxId: 's',
    pid: 1,
    cgroupFiles: {},
    status,
  };
}

function sandbox(running: boolean, Pid = 1): NodeSandbox {
  const state = running ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
  const facts = { id: 's', state } as NodeSandbox['facts'];
  const network = { Id: 's', HostConfig: {}, State: { Pid } };
  return {
    kind: 'podsandbox',
    id: 's',
    name: 's',
    running,
    endedAt: 0n,
    facts,
    imageId: 'sha256:1',
    runtimeHandler: '',
    network,
    details: undefined,
  };
}

const created = container(ContainerState.CONTAINER_CREATED, 0n);
const running = container(ContainerState.CONTAINER_RUNNING);
const again = container(ContainerState.CONTAINER_RUNNING, 2n);
const ended = container(ContainerState.CONTAINER_EXITED);
/** By Docker's list alone, which does not say how. */
const endedSomehow: NodeContainer = { ...ended, status: { ...ended.status, finishedAt: 0n } };

test.each<[string, NodeRecord | undefined, NodeRecord | undefined, ContainerEventType[]]>([
  ['nothing', undefined, undefined, []],
  ['created', undefined, created, [CREATED]],
  ['started', created, running, [STARTED]],
  ['ended', running, ended, [STOPPED]],
  ['removed', ended, undefined, [DELETED]],
  ['removed before it was started', created, undefined, [DELETED]],
  ['updated', running, running, []],
  ['started again', running, again, [STOPPED, STARTED]],
  ['started after its end', ended, again, [STARTED]],
  ['its start failed', created, ended, [STOPPED]],
  ['ended, and nobody tells how', running, endedSomehow, []],
  ['told how it ended', endedSomehow, ended, [STOPPED]],
  ['started again before it was told', endedSomehow, again, [STOPPED, STARTED]],
  ['removed before it was told', endedSomehow, undefined, [STOPPED, DELETED]],
  ['first seen at an end of which nobody tells', undefined, endedSomehow, [CREATED]],
  ['removed while it ran', running, undefined, [STOPPED, DELETED]],
  ['first seen running', undefined, running, [CREATED, STARTED]],
  ['first seen at its end', undefined, ended, [CREATED, STOPPED]],
  ['a sandbox: created', undefined, sandbox(false), [CREATED]],
  ['a sandbox: first seen running', undefined, sandbox(true), [CREATED, STARTED]],
  ['a sandbox: started', sandbox(false), sandbox(true), [STARTED]],
  ['a sandbox: started again', sandbox(true), sandbox(true, 2), [STOPPED, STARTED]],
  ['a sandbox: stopped', sandbox(true), sandbox(false), [STOPPED]],
  ['a sandbox: removed', sandbox(false), undefined, [DELETED]],
])('%s', (_name, before, after, expected) => {
  expect(steps(before, after)).toEqual(expected);
});
