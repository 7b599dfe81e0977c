import { ContainerState } from '../../../generated/runtime/v1/api';
import type { EngineEvent } from '../../docker/engine-event';
import { fromSeconds } from '../../lib/time';
import { endOf, sandboxState } from '../../translate/container-state';
import { kindOfContainer } from '../../translate/labels';
import { hasEnded, withoutNamespace, type NodeRecord } from '../node-record';
import type { SecondBest } from './looks';

/** The actions that change an answer. Most of Docker's events are about commands in containers, and change none. */
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
 * Whether the event says no more than the record, when no look at the container is under way: events come in order, so
 * whatever happened between the last look and this one would have been told before it.
 */
export function isToldAlready(event: EngineEvent, known: NodeRecord | undefined): boolean {
  if (known === undefined) return false;
  if (event.Action === 'create') return true;
  // One that Docker is about to restart runs too, in its words, but has no process.
  if (event.Action === 'start') return known.running && pidOf(known) !== 0;
  return (
    event.Action === 'die' && (known.kind === 'podsandbox' ? !known.running && known.endedAt > 0n : hasEnded(known))
  );
}

function pidOf(known: NodeRecord): number {
  return known.kind === 'container' ? known.pid : known.network.State.Pid;
}

/**
 * What the event alone says of a known container, for when Docker can't inspect it. A start before the recorded end is
 * an old event, which a resumed stream repeats, and says nothing. Events have whole seconds, so a restart within one is
 * left to a later look.
 */
export function toldByEvent(event: EngineEvent): SecondBest | undefined {
  if (event.Action === 'start') {
    return (known) => (known && at(event) >= endOfKnown(known) ? started(known, at(event)) : undefined);
  }
  if (event.Action === 'die') {
    return (known) => known && ended(known, at(event), Number(event.Actor.Attributes?.['exitCode'] ?? 0));
  }
  return undefined;
}

function at(event: EngineEvent): bigint {
  return fromSeconds(event.time);
}

function endOfKnown(known: NodeRecord): bigint {
  return known.kind === 'podsandbox' ? known.endedAt : known.status.finishedAt;
}

function started(known: NodeRecord, startedAt: bigint): NodeRecord {
  if (known.kind === 'podsandbox') {
    return { ...withoutNamespace(known), running: true, facts: { ...known.facts, state: sandboxState(true) } };
  }
  const progress = { state: ContainerState.CONTAINER_RUNNING, startedAt, finishedAt: 0n, exitCode: 0 };
  const status = { ...known.status, ...progress, reason: '', message: '' };
  return { ...known, running: true, listedEnd: undefined, status };
}

function ended(known: NodeRecord, finishedAt: bigint, exitCode: number): NodeRecord {
  if (known.kind === 'podsandbox') {
    const facts = { ...known.facts, state: sandboxState(false) };
    return { ...withoutNamespace(known), running: false, endedAt: finishedAt, facts };
  }
  const end = endOf(known.status.startedAt, finishedAt, exitCode);
  return { ...known, running: false, listedEnd: undefined, status: { ...known.status, ...end } };
}
