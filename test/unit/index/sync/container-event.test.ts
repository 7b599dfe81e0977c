import { ContainerState, type ContainerStatus } from '../../../../generated/runtime/v1/api';
import type { EngineEvent } from '../../../../src/docker/engine-event';
import type { NodeContainer, NodeSandbox } from '../../../../src/index/node-record';
import { isToldAlready, toldByEvent } from '../../../../src/index/sync/container-event';

const SECOND = 1_000_000_000n;

function event(Action: string, time: number): EngineEvent {
  return { Type: 'container', Action, Actor: { ID: 'c', Attributes: { exitCode: '3' } }, time };
}

const sandbox = (endedAt: bigint) =>
  ({
    kind: 'podsandbox',
    running: endedAt === 0n,
    endedAt,
    facts: {},
    network: { State: { Pid: endedAt === 0n ? 7 : 0 } },
  }) as NodeSandbox;
const container = (finishedAt: bigint) =>
  ({ kind: 'container', running: finishedAt === 0n, status: { finishedAt } as ContainerStatus }) as NodeContainer;

const inState = (state: ContainerState, running: boolean) =>
  ({ kind: 'container', running, pid: running ? 7 : 0, status: { state } as ContainerStatus }) as NodeContainer;

it.each([
  ['a sandbox', sandbox],
  ['a container', container],
])('%s that has ended is not started by an event from before', (_, record) => {
  expect(toldByEvent(event('start', 9))?.(record(10n * SECOND))).toBeUndefined();
  expect(toldByEvent(event('start', 11))?.(record(10n * SECOND))).toMatchObject({ running: true });
  expect(toldByEvent(event('start', 9))?.(record(0n))).toMatchObject({ running: true });
});

it('tells of an end', () => {
  expect(toldByEvent(event('die', 9))?.(sandbox(0n))).toMatchObject({ running: false, endedAt: 9n * SECOND });
  expect(toldByEvent(event('die', 9))?.(container(0n))).toMatchObject({ running: false, status: { exitCode: 3 } });
});

it.each<[string, NodeSandbox | NodeContainer, readonly string[]]>([
  ['a container that was created', inState(ContainerState.CONTAINER_CREATED, false), ['create']],
  ['a container that runs', inState(ContainerState.CONTAINER_RUNNING, true), ['create', 'start']],
  [
    'a container that is about to be restarted',
    { ...inState(ContainerState.CONTAINER_RUNNING, true), pid: 0 },
    ['create'],
  ],
  ['a container that has ended', inState(ContainerState.CONTAINER_EXITED, false), ['create', 'die']],
  ['a sandbox that runs', sandbox(0n), ['create', 'start']],
  ['a sandbox that has ended', sandbox(9n), ['create', 'die']],
  ['a sandbox that was created', { ...sandbox(0n), running: false }, ['create']],
])('of %s it is known what some events tell', (_, record, told) => {
  const actions = ['create', 'start', 'die', 'oom', 'pause', 'unpause', 'rename', 'update'];
  expect(actions.filter((action) => isToldAlready(event(action, 9), record))).toEqual(told);
  expect(actions.some((action) => isToldAlready(event(action, 9), undefined))).toBe(false);
});

it.each(['start', 'die'])(
  "after a %s of which nothing else is known, the sandbox's process leads to no namespace",
  (action) => {
    const pod = { ...sandbox(0n), details: { networked: { name: 'web', netns: '/proc/7/ns/net' } } } as NodeSandbox;
    expect(toldByEvent(event(action, 9))?.(pod)).toMatchObject({ details: { networked: { name: 'web', netns: '' } } });
  },
);

it('says nothing of a container that is not known', () => {
  expect(toldByEvent(event('start', 9))?.(undefined)).toBeUndefined();
});

it.each(['create', 'oom', 'pause', 'unpause', 'rename', 'update'])('of a %s, only a look tells', (action) => {
  expect(toldByEvent(event(action, 9))).toBeUndefined();
});
