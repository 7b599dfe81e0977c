import { ContainerState, PodSandboxState } from '../../../generated/runtime/v1/api';
import type { ContainerStatusWord, ContainerSummary } from '../../../src/docker/types';
import { listedRecord, mayRun, type NodeContainer } from '../../../src/index/node-record';

const WORDS = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'] as const;

function row(kind: string, word: ContainerStatusWord): ContainerSummary {
  return {
    Id: 'f0'.repeat(32),
    Names: ['/k8s_web_shop_default_uid_0'],
    Image: 'web',
    ImageID: 'sha256:2',
    Created: 1,
    State: word,
    Labels: { 'io.kubernetes.docker.type': kind },
  };
}

it.each(WORDS)('a sandbox that is listed as %s is ready if it is recorded as running, and not else', (word) => {
  const record = listedRecord(row('podsandbox', word));
  if (record?.kind !== 'podsandbox') throw new Error('no sandbox');
  expect(record.facts.state === PodSandboxState.SANDBOX_READY).toBe(record.running);
});

it.each(WORDS)(
  'a container that is listed as %s has the state RUNNING if it is recorded as running, and not else',
  (word) => {
    const record = listedRecord(row('container', word));
    if (record?.kind !== 'container') throw new Error('no container');
    expect(record.status.state === ContainerState.CONTAINER_RUNNING).toBe(record.running);
  },
);

it.each<[ContainerStatusWord, boolean]>([
  ['created', false],
  ['running', true],
  ['paused', true],
  ['restarting', true],
  ['removing', true],
  ['exited', true],
  ['dead', true],
])('a container that is but listed as %s may run: %s', (word, may) => {
  const record = listedRecord(row('container', word));
  if (record?.kind !== 'container') throw new Error('no container');
  expect(mayRun(record)).toBe(may);
});

it.each<[ContainerState, boolean]>([
  [ContainerState.CONTAINER_CREATED, false],
  [ContainerState.CONTAINER_RUNNING, true],
  [ContainerState.CONTAINER_EXITED, false],
  [ContainerState.CONTAINER_UNKNOWN, true],
])('an inspected container in the state %s may run: %s', (state, may) => {
  const record = { kind: 'container', status: { state, resources: {} } } as NodeContainer;
  expect(mayRun(record)).toBe(may);
});
