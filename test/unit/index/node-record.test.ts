import { ContainerState, PodSandboxState } from '../../../generated/runtime/v1/api';
import type { ContainerStatusWord, ContainerSummary } from '../../../src/docker/types';
import {
  inspectedSandbox,
  isTold,
  listedRecord,
  mayRun,
  relistedRecord,
  stated,
  type NodeContainer,
  type NodeRecord,
  type NodeSandbox,
} from '../../../src/index/node-record';
import { FakeNode, inspected } from '../../support/fake-node';
import { RUNTIMES } from '../../support/node-index';

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

describe('what is told of a container', () => {
  const listed = (kind: string, word: ContainerStatusWord): NodeRecord => {
    const record = listedRecord(row(kind, word));
    if (record === undefined) throw new Error('no record');
    return record;
  };
  const pod = (known: Partial<NodeSandbox>) => ({ ...listed('podsandbox', 'running'), ...known }) as NodeSandbox;
  const container = (status: Partial<NodeContainer['status']>, known: Partial<NodeContainer> = {}): NodeContainer => {
    const base = listed('container', 'running') as NodeContainer;
    return { ...base, ...known, status: { ...base.status, ...status } };
  };

  it.each<[string, NodeRecord, boolean]>([
    ['a container listed as ended', listed('container', 'exited'), false],
    ['a container listed as dead', listed('container', 'dead'), false],
    ['a container listed as running', listed('container', 'running'), true],
    ['a container listed as created', listed('container', 'created'), true],
    [
      'a container whose end an event told',
      container({ state: ContainerState.CONTAINER_EXITED, finishedAt: 9n }),
      true,
    ],
    ['a sandbox listed as running', listed('podsandbox', 'running'), false],
    ['a sandbox listed as ended', listed('podsandbox', 'exited'), true],
    ['a sandbox with a process', pod({ network: { Id: 's', HostConfig: {}, State: { Pid: 7 } } }), true],
  ])('%s: enough for a status: %s %s', (_what, record, told) => {
    expect(isTold(record)).toBe(told);
  });

  it.each([
    ['an end that is known', container({ state: ContainerState.CONTAINER_EXITED, finishedAt: 1n })],
    ['one that runs', container({ state: ContainerState.CONTAINER_RUNNING })],
    ['a sandbox', listed('podsandbox', 'exited')],
  ])('%s is stated as it is, however long that is so', (_what, record) => {
    jest.useFakeTimers();
    try {
      jest.advanceTimersByTime(3_600_000);
      expect(stated<NodeRecord>(record)).toBe(record);
    } finally {
      jest.useRealTimers();
    }
  });

  it.each([
    ['Exited (3) 2 minutes ago', { exitCode: 3, reason: 'Error' }],
    ['Exited (0) About a minute ago', { exitCode: 0, reason: 'Completed' }],
    ['Exited (-1) Less than a second ago', { exitCode: -1, reason: 'Error' }],
    ['Removal In Progress', { exitCode: 255, reason: 'Unknown', message: 'docker cannot be asked how it ended' }],
    [undefined, { exitCode: 255, reason: 'Unknown' }],
  ])('an end that only the list tells is stated after a minute, the same each time: %s', (Status, end) => {
    jest.useFakeTimers({ now: 1_700_000_000_000 });
    try {
      const words = Status === undefined ? {} : { Status };
      const record = listedRecord({ ...row('container', 'exited'), ...words });
      const again = relistedRecord(record as NodeContainer, { ...row('container', 'exited'), ...words });
      jest.advanceTimersByTime(59_999);
      expect(stated(record as NodeContainer)).toBe(record);
      jest.advanceTimersByTime(1);
      for (const one of [record, again]) {
        const { status } = stated(one as NodeContainer);
        const at = 1_700_000_000_000_000_000n;
        const EXITED = ContainerState.CONTAINER_EXITED;
        expect(status).toMatchObject({ state: EXITED, startedAt: at, finishedAt: at, ...end });
        jest.advanceTimersByTime(5_000);
      }
    } finally {
      jest.useRealTimers();
    }
  });

  it('is kept under a row that tells of its end, but for what the row cannot know', () => {
    const known = container(
      { createdAt: 5n, startedAt: 6n, logPath: '/log', resources: { linux: undefined, windows: undefined } },
      { pid: 7, cgroupFiles: { 'cpu.idle': '1' } },
    );
    const record = relistedRecord(known, row('container', 'exited'));
    expect(record).toMatchObject({
      running: false,
      pid: 0,
      cgroupFiles: { 'cpu.idle': '1' },
      status: { state: ContainerState.CONTAINER_EXITED, createdAt: 5n, startedAt: 6n, finishedAt: 0n, logPath: '/log' },
    });
    expect(record?.kind === 'container' && mayRun(record)).toBe(true);
  });

  it('is kept under a row with another name', () => {
    const known = container(
      { exitCode: 3, finishedAt: 9n, state: ContainerState.CONTAINER_EXITED },
      { running: false },
    );
    const renamed = { ...row('container', 'exited'), Names: ['/k8s_api_shop_default_uid_1'] };
    expect(relistedRecord(known, renamed)).toMatchObject({
      name: 'k8s_api_shop_default_uid_1',
      status: { metadata: { name: 'api', attempt: 1 }, exitCode: 3, finishedAt: 9n },
    });
  });

  it('of a sandbox includes its image, from the list and from an inspect', () => {
    expect(listed('podsandbox', 'running')).toMatchObject({ imageId: 'sha256:2' });
    const pause = { ...inspected(new FakeNode().sandbox(1)), Image: 'sha256:3' };
    expect(inspectedSandbox(pause, RUNTIMES)).toMatchObject({ imageId: 'sha256:3' });
  });

  it.each<[ContainerStatusWord, boolean]>([
    ['exited', false],
    ['running', true],
  ])('of a sandbox is kept under a row that says %s, but for its process', (word, running) => {
    const details = { networked: { netns: '/proc/7/ns/net' }, runtime: 'runc' } as NodeSandbox['details'];
    const network = { Id: 's', HostConfig: {}, State: { Pid: 7 } };
    const known = pod({ running: !running, runtimeHandler: 'kata', endedAt: 4n, details, network });
    expect(relistedRecord(known, row('podsandbox', word))).toMatchObject({
      running,
      endedAt: 0n,
      runtimeHandler: 'kata',
      network: { State: { Pid: 0 } },
      details: { runtime: 'runc', networked: { netns: '' } },
      facts: { state: running ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY },
    });
  });
});
