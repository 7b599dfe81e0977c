import type { Container, ContainerStatus, ContainerUser, ImageSpec } from '../../generated/runtime/v1/api';
import type { ContainerInspect, ContainerSummary, ImageInspect } from '../docker/types';
import { containerProgress, listedState } from './container-state';
import { LOG_PATH_LABEL, readLabels, SANDBOX_ID_LABEL } from './labels';
import { readMounts } from './read-mounts';
import { containerMetadata } from './names';
import { readResources, type InForce } from './resources';
import { criSignal } from './signals';
import { toNanoseconds } from './time';

/**
 * A container's CRI status. `image` is its image's, or undefined when that is gone already; `oomKilled` is what is known
 * beyond Docker's own flag; `inForce` what the kernel says of one that runs.
 */
export function containerStatus(
  container: ContainerInspect,
  image: ImageInspect | undefined,
  oomKilled: boolean,
  inForce?: InForce,
): ContainerStatus {
  const createdAt = toNanoseconds(container.Created);
  return {
    id: container.Id,
    metadata: containerMetadata(container.Name),
    createdAt,
    ...containerProgress(container.State, createdAt, oomKilled),
    image: imageSpec(imageName(container.Config.Image, image)),
    imageRef: imageReference(container.Image, image),
    imageId: container.Image,
    ...readLabels(container.Config.Labels),
    mounts: readMounts(container),
    logPath: container.Config.Labels?.[LOG_PATH_LABEL] ?? '',
    resources: { linux: readResources(container.HostConfig, inForce), windows: undefined },
    user: readUser(container),
    stopSignal: criSignal(container.Config.StopSignal),
  };
}

/** A row of ListContainers. `createdAt` is nanoseconds since 1970; Docker's own list has seconds. */
export function listedContainer(row: ContainerSummary, createdAt: bigint): Container {
  return {
    id: row.Id,
    podSandboxId: row.Labels?.[SANDBOX_ID_LABEL] ?? '',
    metadata: containerMetadata(row.Names?.[0] ?? ''),
    image: imageSpec(row.Image),
    imageRef: row.ImageID,
    imageId: row.ImageID,
    state: listedState(row.State),
    createdAt,
    ...readLabels(row.Labels),
  };
}

function imageSpec(image: string): ImageSpec {
  return { image, imageRef: '', annotations: {}, userSpecifiedImage: '', runtimeHandler: '' };
}

/** The name that the container was made with; one made by id shows a name of its image, which says more. */
function imageName(asked: string, image: ImageInspect | undefined): string {
  return /^(sha256:)?[0-9a-f]{64}$/.test(asked) ? (image?.RepoTags?.[0] ?? asked) : asked;
}

/** In the form that kubelets of the in-tree dockershim know, which shows people the digest. */
function imageReference(id: string, image: ImageInspect | undefined): string {
  const digest = image?.RepoDigests?.[0];
  return digest === undefined ? `docker://${id}` : `docker-pullable://${digest}`;
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
