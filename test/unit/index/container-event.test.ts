import type { ContainerStatus } from '../../../generated/runtime/v1/api';
import type { EngineEvent } from '../../../src/docker/engine-event';
import { toldBy } from '../../../src/index/container-event';
import type { NodeContainer, NodeSandbox } from '../../../src/index/node-record';

const SECOND = 1_000_000_000n;

function event(Action: string, time: number): EngineEvent {
  return { Type: 'container', Action, Actor: { ID: 'c', Attributes: { exitCode: '3' } }, time };
}

const sandbox = (endedAt: bigint) =>
  ({ kind: 'podsandbox', running: endedAt === 0n, endedAt, facts: {} }) as NodeSandbox;
const container = (finishedAt: bigint) =>
  ({ kind: 'container', running: finishedAt === 0n, status: { finishedAt } as ContainerStatus }) as NodeContainer;

it.each([
  ['a sandbox', sandbox],
  ['a container', container],
])('%s that has ended is not started by an event from before', (_, record) => {
  expect(toldBy(event('start', 9))(record(10n * SECOND))).toBeUndefined();
  expect(toldBy(event('start', 11))(record(10n * SECOND))).toMatchObject({ running: true });
  expect(toldBy(event('start', 9))(record(0n))).toMatchObject({ running: true });
});

it('tells of an end', () => {
  expect(toldBy(event('die', 9))(sandbox(0n))).toMatchObject({ running: false, endedAt: 9n * SECOND });
  expect(toldBy(event('die', 9))(container(0n))).toMatchObject({ running: false, status: { exitCode: 3 } });
});

it('says nothing of a container that is not known', () => {
  expect(toldBy(event('start', 9))(undefined)).toBeUndefined();
});
