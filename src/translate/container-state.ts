import { ContainerState as CriState, PodSandboxState } from '../../generated/runtime/v1/api';
import type { ContainerState, ContainerStatusWord } from '../docker/types';
import { fromRfc3339 } from '../lib/time';

/**
 *            start               the process ends
 *  CREATED ────────▶ RUNNING ───────────────────────▶ EXITED
 *     │                                                 ▲
 *     └────────── the start failed (exit code set) ─────┘
 *
 * The state is derived from Docker's each time and kept nowhere.
 */
export interface Progress {
  readonly state: CriState;
  /** Nanoseconds since 1970; zero for what has not happened. */
  readonly startedAt: bigint;
  readonly finishedAt: bigint;
  readonly exitCode: number;
  /** Completed, Error, OOMKilled or ContainerCannotRun; empty before the end. */
  readonly reason: string;
  readonly message: string;
}

export function containerProgress(state: ContainerState, createdAt: bigint, oomKilled: boolean): Progress {
  const startedAt = fromRfc3339(state.StartedAt);
  const finishedAt = fromRfc3339(state.FinishedAt);
  if (state.Running) {
    return { state: CriState.CONTAINER_RUNNING, startedAt, finishedAt: 0n, exitCode: 0, reason: '', message: '' };
  }
  const ended = { state: CriState.CONTAINER_EXITED, exitCode: state.ExitCode, message: state.Error };
  if (startedAt !== 0n && finishedAt !== 0n) {
    return { ...ended, startedAt, finishedAt, reason: exitReason(state.ExitCode, oomKilled) };
  }
  if (state.ExitCode !== 0 || state.Error !== '') {
    // The kubelet takes a container without these times for one that never was.
    const at = finishedAt === 0n ? createdAt : finishedAt;
    return { ...ended, startedAt: at, finishedAt: at, reason: 'ContainerCannotRun' };
  }
  return { state: CriState.CONTAINER_CREATED, startedAt: 0n, finishedAt: 0n, exitCode: 0, reason: '', message: '' };
}

/**
 * The end of a container of which no more is known than this.
 * @param startedAt 0n when that isn't known either: the kubelet takes a container without it for one that never was
 */
export function endOf(startedAt: bigint, finishedAt: bigint, exitCode: number) {
  return {
    state: CriState.CONTAINER_EXITED,
    startedAt: startedAt === 0n ? finishedAt : startedAt,
    finishedAt,
    exitCode,
    reason: exitReason(exitCode, false),
  };
}

function exitReason(exitCode: number, oomKilled: boolean): string {
  if (oomKilled) return 'OOMKilled';
  return exitCode === 0 ? 'Completed' : 'Error';
}

/**
 * Whether a container runs, by the word in its row of Docker's list; the same that an inspect's `State.Running` says of
 * it. A paused one runs, and so does one that Docker is about to restart, though it has no process just then.
 */
export function runs(word: ContainerStatusWord): boolean {
  return word === 'running' || word === 'paused' || word === 'restarting';
}

/**
 * Whether what ends a container has to reckon with a process of it. That is more than `runs`: the words of a removal that
 * got stuck don't tell, nor does a word of a newer Docker, and to stop what is dead does no harm.
 */
export function mayBeAlive(word: ContainerStatusWord): boolean {
  return word !== 'created' && word !== 'exited';
}

/** The state in a row of Docker's list, where a failed start can't be told from a container never started. */
export function listedState(word: ContainerStatusWord): CriState {
  if (runs(word)) return CriState.CONTAINER_RUNNING;
  switch (word) {
    case 'created':
      return CriState.CONTAINER_CREATED;
    case 'exited':
    case 'dead':
    case 'removing':
      return CriState.CONTAINER_EXITED;
    default:
      return CriState.CONTAINER_UNKNOWN;
  }
}

export function sandboxState(running: boolean): PodSandboxState {
  return running ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
}
