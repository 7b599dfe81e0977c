/**
 * CRI labels and annotations as Docker labels, in the format of the in-tree dockershim and cri-dockerd: labels as they
 * are, annotations under `annotation.`, and four labels of the shim's own.
 */
export const TYPE_LABEL = 'io.kubernetes.docker.type';
export const SANDBOX_ID_LABEL = 'io.kubernetes.sandbox.id';
export const LOG_PATH_LABEL = 'io.kubernetes.container.logpath';
/** Of the shim's own: what is to be written to the container's cgroup when it starts, as a JSON object. */
const UNIFIED_LABEL = 'io.kubernetes.dockershim.unified';
const CONTAINER_NAME_LABEL = 'io.kubernetes.container.name';
const INTERNAL: ReadonlySet<string> = new Set([TYPE_LABEL, SANDBOX_ID_LABEL, LOG_PATH_LABEL, UNIFIED_LABEL]);
const SANDBOX_CONTAINER_NAME = 'POD';
const ANNOTATION_PREFIX = 'annotation.';

export type ContainerKind = 'podsandbox' | 'container';

type StringMap = Readonly<Record<string, string>>;

interface CriLabels {
  readonly labels: StringMap;
  readonly annotations: StringMap;
}

export function sandboxLabels(cri: CriLabels): Record<string, string> {
  return {
    ...withAnnotations(cri),
    [TYPE_LABEL]: 'podsandbox' satisfies ContainerKind,
    // Some tools tell pause containers by this name; it is hidden again when it is read.
    [CONTAINER_NAME_LABEL]: SANDBOX_CONTAINER_NAME,
  };
}

export function containerLabels(cri: CriLabels, sandboxId: string, logPath: string): Record<string, string> {
  return {
    ...withAnnotations(cri),
    [TYPE_LABEL]: 'container' satisfies ContainerKind,
    [SANDBOX_ID_LABEL]: sandboxId,
    [LOG_PATH_LABEL]: logPath,
  };
}

/** What a container of the engine is to the shim; undefined for those of other people. */
export function kindOfContainer(docker: StringMap | null | undefined): ContainerKind | undefined {
  const kind = docker?.[TYPE_LABEL];
  return kind === 'podsandbox' || kind === 'container' ? kind : undefined;
}

/**
 * Files of the container's cgroup and their values, for `readUnified` when it starts. The label is there also when there
 * are none: Docker gives a container its image's labels, and root would write what an image says to the cgroup.
 */
export function unifiedLabel(unified: StringMap): Record<string, string> {
  return { [UNIFIED_LABEL]: JSON.stringify(unified) };
}

export function readUnified(docker: StringMap | null | undefined): Record<string, string> {
  const text = docker?.[UNIFIED_LABEL];
  return text === undefined ? {} : (JSON.parse(text) as Record<string, string>);
}

/** The CRI labels and annotations in a container's Docker labels. */
export function readLabels(docker: StringMap | null | undefined): {
  labels: Record<string, string>;
  annotations: Record<string, string>;
} {
  const labels: Record<string, string> = {};
  const annotations: Record<string, string> = {};
  const isSandbox = kindOfContainer(docker) === 'podsandbox';
  for (const [key, value] of Object.entries(docker ?? {})) {
    if (INTERNAL.has(key)) continue;
    if (isSandbox && key === CONTAINER_NAME_LABEL) continue;
    if (key.startsWith(ANNOTATION_PREFIX)) annotations[key.slice(ANNOTATION_PREFIX.length)] = value;
    else labels[key] = value;
  }
  return { labels, annotations };
}

function withAnnotations(cri: CriLabels): Record<string, string> {
  const docker: Record<string, string> = { ...cri.labels };
  for (const [key, value] of Object.entries(cri.annotations)) docker[ANNOTATION_PREFIX + key] = value;
  return docker;
}

/** Whether every label of a CRI selector is there with its value. */
export function matchesSelector(labels: StringMap, selector: StringMap): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}
