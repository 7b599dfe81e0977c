import { ContainerEventType } from '../../../generated/runtime/v1/api';
import { hasEnded, isCreated, isTold, type NodeRecord } from '../node-record';

/**
 * What has happened between two records of a container or sandbox, in order. A record may have missed steps: whoever is
 * first seen running was created and started, and one that is gone while it ran has stopped. A container has stopped when it
 * is known how it ended: whoever reads of the end reads the exit code with it.
 *
 *   absent ──CREATED──▶ created ──STARTED──▶ running ──STOPPED──▶ ended ──DELETED──▶ absent
 *                          └──────────STOPPED (a failed start)──────▲
 */
export function steps(before: NodeRecord | undefined, after: NodeRecord | undefined): ContainerEventType[] {
  const { CONTAINER_CREATED_EVENT: created, CONTAINER_STARTED_EVENT: started } = ContainerEventType;
  const { CONTAINER_STOPPED_EVENT: stopped, CONTAINER_DELETED_EVENT: deleted } = ContainerEventType;
  const wasUnderWay = before !== undefined && isUnderWay(before);
  if (after === undefined) return wasUnderWay ? [stopped, deleted] : before === undefined ? [] : [deleted];
  const happened: ContainerEventType[] = before === undefined ? [created] : [];
  const restarted = wasUnderWay && after.running && (!before.running || startOf(before) !== startOf(after));
  if (restarted) happened.push(stopped);
  if (after.running && (restarted || !before?.running)) happened.push(started);
  if (!isUnderWay(after) && (wasUnderWay || endsUnseen(before, after))) happened.push(stopped);
  return happened;
}

/** Whether it has an end to come that can be told. */
function isUnderWay(record: NodeRecord): boolean {
  return record.running || !isTold(record);
}

/** An end without a start that was seen: the start failed, or the run was shorter than a look. */
function endsUnseen(before: NodeRecord | undefined, after: NodeRecord): boolean {
  if (after.kind === 'podsandbox') return false;
  return hasEnded(after) && (before?.kind !== 'container' || isCreated(before));
}

/** When it was started, as far as is told; a sandbox that was restarted has another process. */
function startOf(record: NodeRecord): bigint | number {
  return record.kind === 'container' ? record.status.startedAt : record.network.State.Pid;
}
