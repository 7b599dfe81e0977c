import { ContainerState } from '../../generated/runtime/v1/api';
import type { EngineEvent } from '../docker/engine-event';
import { sandboxState } from '../translate/container-state';
import { kindOfContainer } from '../translate/labels';
import type { SecondBest } from './looks';
import type { NodeContainer, NodeRecord } from './node-record';

/** What changes an answer. Commands in containers, which are the most of Docker's events, change none. */
export const CONTAINER_ACTIONS = [
  'create',
  'start',
  'die',
  'oom',
  'pause',
  'unpause',
  'rename',
  'update',
  'destroy',
] as const;

export function isOurs(event: EngineEvent): boolean {
  return event.Type === 'container' && kindOfContainer(event.Actor.Attributes) !== undefined;
}

/**
 * What the event by itself says of a known container, for when Docker can tell no more. A start before the end that is
 * known, which a stream tells again when it is taken up, says nothing. Events have whole seconds: of a restart within
 * one, a later look tells.
 */
export function toldBy(event: EngineEvent): SecondBest {
  return (known) => {
    if (known === undefined) return undefined;
    if (event.Action === 'start') return at(event) < endOfKnown(known) ? undefined : started(known, at(event));
    if (event.Action === 'die') return ended(known, at(event), Number(event.Actor.Attributes?.['exitCode'] ?? 0));
    return undefined;
  };
}

function at(event: EngineEvent): bigint {
  return BigInt(event.time) * 1_000_000_000n;
}

function endOfKnown(known: NodeRecord): bigint {
  return known.kind === 'podsandbox' ? known.endedAt : known.status.finishedAt;
}

function started(known: NodeRecord, startedAt: bigint): NodeRecord {
  if (known.kind === 'podsandbox')
    return { ...known, running: true, facts: { ...known.facts, state: sandboxState(true) } };
  const progress = { state: ContainerState.CONTAINER_RUNNING, startedAt, finishedAt: 0n, exitCode: 0 };
  return { ...known, running: true, status: { ...known.status, ...progress, reason: '', message: '' } };
}

function ended(known: NodeRecord, finishedAt: bigint, exitCode: number): NodeRecord {
  if (known.kind === 'podsandbox') {
    return { ...known, running: false, endedAt: finishedAt, facts: { ...known.facts, state: sandboxState(false) } };
  }
  return { ...known, running: false, status: { ...known.status, ...endOf(known, finishedAt, exitCode) } };
}

function endOf({ status }: NodeContainer, finishedAt: bigint, exitCode: number) {
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  // The kubelet takes a container without these times for one that never was.
  const startedAt = status.startedAt === 0n ? finishedAt : status.startedAt;
  return { state: ContainerState.CONTAINER_EXITED, startedAt, finishedAt, exitCode, reason };
}
