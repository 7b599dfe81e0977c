import type { ContainerMetadata, PodSandboxMetadata } from '../../generated/runtime/v1/api';

/**
 * Container names on Docker, as the in-tree dockershim and cri-dockerd write them:
 *
 *   k8s_POD_<pod>_<namespace>_<uid>_<attempt>          a sandbox
 *   k8s_<container>_<pod>_<namespace>_<uid>_<attempt>  a container
 *
 * A seventh part may follow, a random suffix that a predecessor put there to get round a taken name. The metadata of a
 * pod or container is read back from here and nowhere else.
 */
const PREFIX = 'k8s';
/** The name of the pause container beside those of the pod, by which tools tell it from them. */
export const SANDBOX_CONTAINER = 'POD';
const LARGEST_ATTEMPT = 0xffff_ffff;

export function sandboxName(metadata: PodSandboxMetadata): string {
  return [PREFIX, SANDBOX_CONTAINER, metadata.name, metadata.namespace, metadata.uid, metadata.attempt].join('_');
}

export function containerName(pod: PodSandboxMetadata, container: ContainerMetadata): string {
  return [PREFIX, container.name, pod.name, pod.namespace, pod.uid, container.attempt].join('_');
}

interface NameParts {
  readonly container: string;
  readonly pod: string;
  readonly namespace: string;
  readonly uid: string;
  readonly attempt: number;
}

/** The parts of a name of either kind, or undefined when it is not one of ours. A leading `/` is Docker's. */
export function parseName(name: string): NameParts | undefined {
  const parts = name.replace(/^\//, '').split('_');
  const [prefix, container, pod, namespace, uid, attemptText] = parts;
  if (parts.length < 6 || parts.length > 7 || prefix !== PREFIX) return undefined;
  if (container === undefined || pod === undefined || namespace === undefined || uid === undefined) return undefined;
  if (attemptText === undefined || !/^\d{1,10}$/.test(attemptText)) return undefined;
  const attempt = Number(attemptText);
  if (attempt > LARGEST_ATTEMPT) return undefined;
  return { container, pod, namespace, uid, attempt };
}

export function sandboxMetadata(name: string): PodSandboxMetadata | undefined {
  const parts = parseName(name);
  if (parts === undefined) return undefined;
  return { name: parts.pod, namespace: parts.namespace, uid: parts.uid, attempt: parts.attempt };
}

export function containerMetadata(name: string): ContainerMetadata | undefined {
  const parts = parseName(name);
  if (parts === undefined) return undefined;
  return { name: parts.container, attempt: parts.attempt };
}
