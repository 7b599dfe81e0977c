import { invalid } from './checks';
import { SANDBOX_CONTAINER } from './names';

/**
 * CRI labels and annotations as Docker labels, in the format of the in-tree dockershim and cri-dockerd: labels as they
 * are, annotations under `annotation.`, and four labels that they write themselves. This shim adds two: which keys are
 * CRI's, because Docker gives a container its image's labels too, and what is written to its cgroup.
 */
export const TYPE_LABEL = 'io.kubernetes.docker.type';
export const SANDBOX_ID_LABEL = 'io.kubernetes.sandbox.id';
export const LOG_PATH_LABEL = 'io.kubernetes.container.logpath';
/** Of the shim's own: what is to be written to the container's cgroup when it starts, as a JSON object. */
const CGROUP_LABEL = 'io.kubernetes.dockershim.cgroup';
/** Of the shim's own: the keys of the CRI labels and annotations, as JSON. */
const KEYS_LABEL = 'io.kubernetes.dockershim.keys';
const CONTAINER_NAME_LABEL = 'io.kubernetes.container.name';
const INTERNAL: ReadonlySet<string> = new Set([TYPE_LABEL, SANDBOX_ID_LABEL, LOG_PATH_LABEL, CGROUP_LABEL, KEYS_LABEL]);
const ANNOTATION_PREFIX = 'annotation.';

export type ContainerKind = 'podsandbox' | 'container';

type StringMap = Readonly<Record<string, string>>;

interface CriLabels {
  readonly labels: StringMap;
  readonly annotations: StringMap;
}

/** @throws ShimError InvalidArgument for a label that the shim writes itself. */
export function checkLabels(labels: StringMap, kind: ContainerKind): void {
  const isOwn = (key: string) => INTERNAL.has(key) || (kind === 'podsandbox' && key === CONTAINER_NAME_LABEL);
  const taken = Object.keys(labels).find(isOwn);
  if (taken !== undefined) throw invalid('config.labels', `may not have ${taken}, which is the shim's own`);
}

export function sandboxLabels(cri: CriLabels): Record<string, string> {
  return {
    ...withAnnotations(cri),
    [KEYS_LABEL]: recordedKeys(cri, ''),
    [TYPE_LABEL]: 'podsandbox' satisfies ContainerKind,
    // Some tools tell pause containers by this name; it is hidden again when it is read.
    [CONTAINER_NAME_LABEL]: SANDBOX_CONTAINER,
  };
}

export function containerLabels(cri: CriLabels, sandboxId: string, logPath: string): Record<string, string> {
  return {
    ...withAnnotations(cri),
    [KEYS_LABEL]: recordedKeys(cri, sandboxId),
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
 * Files of the container's cgroup and their values, for `readCgroupLabel` when it starts. The label is written even
 * when there are none: Docker gives a container its image's labels, and otherwise an image could say what root writes
 * to the cgroup.
 */
export function cgroupLabel(files: StringMap): Record<string, string> {
  return { [CGROUP_LABEL]: JSON.stringify(files) };
}

export function readCgroupLabel(docker: StringMap | null | undefined): Record<string, string> {
  const text = docker?.[CGROUP_LABEL];
  // A container of a predecessor can have it from its image alone.
  if (text === undefined || readKeys(docker ?? {}) === undefined) return {};
  return JSON.parse(text) as Record<string, string>;
}

/** Whether this shim made the container, and none of its predecessors. */
export function isOwnContainer(docker: StringMap | null | undefined): boolean {
  return readKeys(docker ?? {}) !== undefined;
}

interface ReadLabels {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}

/**
 * The CRI labels and annotations in a container's Docker labels, without those of its image. Which is which is recorded
 * since this shim makes the containers; those of its predecessors show both, as they did there.
 */
export function readLabels(docker: StringMap | null | undefined): ReadLabels {
  const keys = readKeys(docker ?? {});
  if (keys === undefined) return readEveryLabel(docker);
  return {
    labels: pick(docker ?? {}, keys.labels, ''),
    annotations: pick(docker ?? {}, keys.annotations, ANNOTATION_PREFIX),
  };
}

function readEveryLabel(docker: StringMap | null | undefined): ReadLabels {
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

interface Keys {
  /** The sandbox's id; of a sandbox, nothing. */
  readonly of: string;
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
}

function recordedKeys(cri: CriLabels, of: string): string {
  const keys: Keys = { of, labels: Object.keys(cri.labels), annotations: Object.keys(cri.annotations) };
  return JSON.stringify(keys);
}

/**
 * What `recordedKeys` has written. The image of a predecessor's container may bring such a label along, but no image
 * knows the id of the sandbox that it will run in.
 */
function readKeys(docker: StringMap): Keys | undefined {
  const text = docker[KEYS_LABEL];
  if (text === undefined) return undefined;
  try {
    const keys = JSON.parse(text) as Keys | null;
    return keys?.of === (docker[SANDBOX_ID_LABEL] ?? '') ? keys : undefined;
  } catch {
    return undefined;
  }
}

function pick(docker: StringMap, keys: readonly string[], prefix: string): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const key of keys) {
    const value = docker[prefix + key];
    if (value !== undefined) picked[key] = value;
  }
  return picked;
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
