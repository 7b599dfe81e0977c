import type { Engine } from '../docker/engine';
import type { ContainerInspect } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { ifFound, isNotFound, ShimError } from '../lib/errors';
import { checkId } from '../translate/checks';
import { kindOfContainer, type ContainerKind } from '../translate/labels';
import { isTold, type NodeContainer, type NodeRecord, type NodeSandbox } from './node-record';

type Inspecting = Pick<Engine, 'inspectContainer'>;

const KINDS: Readonly<Record<ContainerKind, { readonly field: string; readonly words: string }>> = {
  podsandbox: { field: 'pod_sandbox_id', words: 'pod sandbox' },
  container: { field: 'container_id', words: 'container' },
};

/**
 * The sandbox with this id, or with the one id that begins so.
 * @throws ShimError NotFound also when the id is of a container that is no sandbox.
 */
export function findSandbox(engine: Inspecting, ctx: CallContext, id: string): Promise<ContainerInspect> {
  return find(engine, ctx, 'podsandbox', id);
}

/** The same, for the verbs that succeed on what is gone. */
export function findSandboxIfAny(
  engine: Inspecting,
  ctx: CallContext,
  id: string,
): Promise<ContainerInspect | undefined> {
  return ifFound(findSandbox(engine, ctx, id));
}

/**
 * The container with this id, or with the one id that begins so.
 * @throws ShimError NotFound also when the id is of a sandbox or of somebody else's container.
 */
export function findContainer(engine: Inspecting, ctx: CallContext, id: string): Promise<ContainerInspect> {
  return find(engine, ctx, 'container', id);
}

/** The key under which work on a pod is serialised: its pause container's name, as in its record. */
export function podKey(sandbox: ContainerInspect): string {
  return sandbox.Name.replace(/^\//, '');
}

/** @throws ShimError FailedPrecondition for a container in which nothing runs just now */
export function checkRuns({ Id: id, State: state }: ContainerInspect): void {
  if (state.Running && !state.Paused) return;
  throw new ShimError('FailedPrecondition', `container ${id} does not run: it is ${state.Status}`);
}

async function find(engine: Inspecting, ctx: CallContext, kind: ContainerKind, id: string): Promise<ContainerInspect> {
  checkIdOf(kind, id);
  const missing = noSuch(kind, id);
  const found = await engine.inspectContainer(ctx, id).catch((error: unknown) => {
    throw isNotFound(error) ? missing : error;
  });
  // Docker also takes names, and a name may look like an id.
  if (kindOfContainer(found.Config.Labels) !== kind || !found.Id.startsWith(id)) throw missing;
  return found;
}

/** @throws ShimError for what is no id, or no beginning of one */
export function checkIdOf(kind: ContainerKind, id: string): void {
  checkId(KINDS[kind].field, id);
}

/** The record as a container's. @throws ShimError NotFound when it is none */
export function containerOf(record: NodeRecord | undefined, id: string): NodeContainer {
  if (record?.kind !== 'container') throw noSuch('container', id);
  return record;
}

/** The record as a sandbox's. @throws ShimError NotFound when it is none */
export function sandboxOf(record: NodeRecord | undefined, id: string): NodeSandbox {
  if (record?.kind !== 'podsandbox') throw noSuch('podsandbox', id);
  return record;
}

/** @throws ShimError Unavailable for what a status could only guess about */
export function checkTold(record: NodeRecord): void {
  if (!isTold(record)) throw cannotTell(record.kind, record.id);
}

/** Of one that Docker lists and cannot inspect. Whoever says more of it, makes a container in it, or updates it, guesses. */
export function cannotTell(kind: ContainerKind, id: string): ShimError {
  return new ShimError('Unavailable', `docker cannot tell of ${KINDS[kind].words} ${id} just now: try again`);
}

export function noSuch(kind: ContainerKind, id: string): ShimError {
  return new ShimError('NotFound', `there is no ${KINDS[kind].words} with the id ${id}`);
}
