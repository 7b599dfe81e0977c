import { ContainerState as CriState, PodSandboxState } from '../../../generated/runtime/v1/api';
import type { ContainerState, ContainerStatusWord } from '../../../src/docker/types';
import { containerProgress, listedState, mayBeAlive, runs, sandboxState } from '../../../src/translate/container-state';

const NEVER = '0001-01-01T00:00:00Z';
const AT_1 = '1970-01-01T00:00:01Z';
const AT_2 = '1970-01-01T00:00:02Z';
const S = 1_000_000_000n;
const CREATED_AT = 7n * S;

const CREATED: ContainerState = {
  Status: 'created',
  Running: false,
  OOMKilled: false,
  Pid: 0,
  ExitCode: 0,
  Error: '',
  StartedAt: NEVER,
  FinishedAt: NEVER,
};
const RUNNING: ContainerState = { ...CREATED, Status: 'running', Running: true, Pid: 42, StartedAt: AT_1 };
const EXITED: ContainerState = { ...CREATED, Status: 'exited', StartedAt: AT_1, FinishedAt: AT_2 };
const FAILED: ContainerState = { ...CREATED, ExitCode: 127, Error: 'no such file' };

const NOTHING = { startedAt: 0n, finishedAt: 0n, exitCode: 0, reason: '', message: '' };
const IT_RUNS = { ...NOTHING, state: CriState.CONTAINER_RUNNING, startedAt: S };
const ENDED = { ...NOTHING, state: CriState.CONTAINER_EXITED, startedAt: S, finishedAt: 2n * S };
const NEVER_RAN = { ...ENDED, startedAt: CREATED_AT, finishedAt: CREATED_AT, reason: 'ContainerCannotRun' };

it.each<[string, ContainerState, object]>([
  ['created', CREATED, { ...NOTHING, state: CriState.CONTAINER_CREATED }],
  ['running', RUNNING, IT_RUNS],
  ['running again: what ended before is past', { ...RUNNING, FinishedAt: AT_2, ExitCode: 3 }, IT_RUNS],
  ['paused', { ...RUNNING, Status: 'paused', Paused: true }, IT_RUNS],
  ['about to be restarted', { ...RUNNING, Status: 'restarting', Pid: 0 }, IT_RUNS],
  ['ended well', EXITED, { ...ENDED, reason: 'Completed' }],
  ['ended badly', { ...EXITED, ExitCode: 1, Error: 'x' }, { ...ENDED, exitCode: 1, reason: 'Error', message: 'x' }],
  ['out of memory', { ...EXITED, ExitCode: 137, OOMKilled: true }, { ...ENDED, exitCode: 137, reason: 'OOMKilled' }],
  ['out of memory, code 0', { ...EXITED, OOMKilled: true }, { ...ENDED, reason: 'OOMKilled' }],
  ['dead', { ...EXITED, Status: 'dead', Dead: true, ExitCode: 2 }, { ...ENDED, exitCode: 2, reason: 'Error' }],
  ['not to be started', FAILED, { ...NEVER_RAN, exitCode: 127, message: 'no such file' }],
  ['not to be started, without a sentence', { ...FAILED, Error: '' }, { ...NEVER_RAN, exitCode: 127 }],
  ['not to be started, without a code', { ...FAILED, ExitCode: 0 }, { ...NEVER_RAN, message: 'no such file' }],
  [
    'not to be started, with a time',
    { ...FAILED, FinishedAt: AT_2 },
    { ...NEVER_RAN, startedAt: 2n * S, finishedAt: 2n * S, exitCode: 127, message: 'no such file' },
  ],
])('a container that is %s', (_what, docker, progress) => {
  expect(containerProgress(docker, CREATED_AT, docker.OOMKilled)).toEqual(progress);
});

it('what is known beyond Docker of its death counts', () => {
  const killed = { ...EXITED, ExitCode: 137 };
  expect(containerProgress(killed, CREATED_AT, false).reason).toBe('Error');
  expect(containerProgress(killed, CREATED_AT, true).reason).toBe('OOMKilled');
});

it.each<[ContainerStatusWord, CriState]>([
  ['created', CriState.CONTAINER_CREATED],
  ['running', CriState.CONTAINER_RUNNING],
  ['paused', CriState.CONTAINER_RUNNING],
  ['restarting', CriState.CONTAINER_RUNNING],
  ['exited', CriState.CONTAINER_EXITED],
  ['dead', CriState.CONTAINER_EXITED],
  ['removing', CriState.CONTAINER_EXITED],
  ['a new word' as ContainerStatusWord, CriState.CONTAINER_UNKNOWN],
])('a container that is listed as %s is %p', (word, state) => {
  expect(listedState(word)).toBe(state);
});

it.each<[ContainerStatusWord, boolean, boolean]>([
  ['created', false, false],
  ['running', true, true],
  ['paused', true, true],
  ['restarting', true, true],
  ['exited', false, false],
  ['dead', false, true],
  ['removing', false, true],
  ['a new word' as ContainerStatusWord, false, true],
])('a container that is listed as %s: whether it runs, %p, and whether there may be a process, %p', (word, it, may) => {
  expect(runs(word)).toBe(it);
  expect(mayBeAlive(word)).toBe(may);
});

it('a sandbox is ready while it runs', () => {
  expect(sandboxState(true)).toBe(PodSandboxState.SANDBOX_READY);
  expect(sandboxState(false)).toBe(PodSandboxState.SANDBOX_NOTREADY);
});
