import {
  Signal,
  type Container,
  type ContainerStatus,
  type ContainerUser,
  type Image,
  type ImageSpec,
} from '../../generated/runtime/v1/api';
import type { EngineRuntimes } from '../docker/engine-facts';
import type { ContainerInspect, ContainerSummary } from '../docker/types';
import { fromRfc3339, fromSeconds } from '../lib/time';
import { containerProgress, listedState } from './container-state';
import { LOG_PATH_LABEL, readLabels } from './labels';
import { containerMetadata } from './names';
import { readMounts } from './read-mounts';
import { resourcesInForce, readResources, type InForce } from './resources';
import { runtimeName } from './runtime-handlers';
import { criSignal } from './signals';

/**
 * A container's CRI status as Docker knows it: `withImage` and `withInForce` know more. `oomKilled` is what is known
 * beyond Docker's own flag, `runtimes` the engine's.
 */
export function toContainerStatus(
  container: ContainerInspect,
  oomKilled: boolean,
  runtimes: EngineRuntimes,
): ContainerStatus {
  const runtime = runtimeName(container.HostConfig.Runtime, runtimes);
  const createdAt = fromRfc3339(container.Created);
  return {
    id: container.Id,
    metadata: containerMetadata(container.Name),
    createdAt,
    ...containerProgress(container.State, createdAt, oomKilled),
    image: imageSpec(container.Config.Image),
    imageRef: `docker://${container.Image}`,
    imageId: container.Image,
    ...readLabels(container.Config.Labels),
    mounts: readMounts(container, runtimes.recursiveReadOnly.includes(runtime)),
    logPath: container.Config.Labels?.[LOG_PATH_LABEL] ?? '',
    resources: { linux: readResources(container.HostConfig), windows: undefined },
    user: readUser(container),
    stopSignal: criSignal(container.Config.StopSignal),
  };
}

/** As much of a container's status as a row of Docker's list tells: its times are in whole seconds, or missing. */
export function listedStatus(row: ContainerSummary): ContainerStatus {
  return {
    id: row.Id,
    metadata: containerMetadata(row.Names?.[0] ?? ''),
    createdAt: fromSeconds(row.Created),
    state: listedState(row.State),
    startedAt: 0n,
    finishedAt: 0n,
    exitCode: 0,
    reason: '',
    message: '',
    image: imageSpec(row.Image),
    imageRef: `docker://${row.ImageID}`,
    imageId: row.ImageID,
    ...readLabels(row.Labels),
    mounts: [],
    logPath: row.Labels?.[LOG_PATH_LABEL] ?? '',
    resources: undefined,
    user: undefined,
    stopSignal: Signal.SIGNAL_RUNTIME_DEFAULT,
  };
}

export type ImageNames = Pick<Image, 'repoTags' | 'repoDigests'>;

/**
 * The status with what its image, when it is still there, says: a name, and the reference in the form that kubelets of
 * the in-tree dockershim know, which shows people the digest.
 */
export function withImage(status: ContainerStatus, image: ImageNames | undefined): ContainerStatus {
  const [digest] = image?.repoDigests ?? [];
  return {
    ...status,
    image: namedImage(status, image),
    imageRef: digest === undefined ? status.imageRef : `docker-pullable://${digest}`,
  };
}

/** The status of one that runs, with what the kernel says. */
export function withInForce(status: ContainerStatus, inForce: InForce): ContainerStatus {
  const linux = status.resources?.linux;
  if (linux === undefined) return status;
  return { ...status, resources: { linux: resourcesInForce(linux, inForce), windows: undefined } };
}

/** A row of ListContainers. */
export function listedContainer(
  status: ContainerStatus,
  podSandboxId: string,
  image: ImageNames | undefined,
): Container {
  const { id, metadata, imageId, state, createdAt, labels, annotations } = status;
  return {
    id,
    podSandboxId,
    metadata,
    image: namedImage(status, image),
    imageRef: imageId,
    imageId,
    state,
    createdAt,
    labels,
    annotations,
  };
}

/** The name that the container was made with; one made by id shows a name of its image, which says more. */
function namedImage({ image: asked }: ContainerStatus, image: ImageNames | undefined): ImageSpec | undefined {
  const name = image?.repoTags[0];
  return asked !== undefined && name !== undefined && isImageId(asked.image) ? imageSpec(name) : asked;
}

function isImageId(name: string): boolean {
  return /^(sha256:)?[0-9a-f]{64}$/.test(name);
}

function imageSpec(image: string): ImageSpec {
  return { image, imageRef: '', annotations: {}, userSpecifiedImage: '', runtimeHandler: '' };
}

/**
 * The user that the container was given by number. One given by name is resolved inside the container, where Docker does
 * not tell what it came to: then nothing is said.
 */
function readUser(container: ContainerInspect): ContainerUser | undefined {
  const [user = '', group = ''] = (container.Config.User ?? '').split(':');
  const uid = user === '' || user === 'root' ? 0n : wholeNumber(user);
  if (uid === undefined) return undefined;
  const gid = group === '' ? (uid === 0n ? 0n : undefined) : wholeNumber(group);
  if (gid === undefined) return undefined;
  const added = (container.HostConfig.GroupAdd ?? []).map(wholeNumber).filter((id) => id !== undefined);
  return { linux: { uid, gid, supplementalGroups: [gid, ...added.filter((id) => id !== gid)] } };
}

function wholeNumber(text: string): bigint | undefined {
  return /^\d{1,10}$/.test(text) ? BigInt(text) : undefined;
}
