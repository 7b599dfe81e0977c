import {
  ContainerState,
  PodSandboxState,
  RuntimeServiceService as runtime,
  type Container,
  type ContainerStatus,
  type PodSandbox,
} from '../../../generated/runtime/v1/api';
import { ifFound } from '../../lib/errors';
import type { CriClient } from '../cri-client';

/** A pod of this node, as `dockershim pods --json` prints it. */
export interface NodePod {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** How many sandboxes the pod had before this one. */
  readonly attempt: number;
  readonly state: 'ready' | 'notready';
  /** Nanoseconds since 1970. */
  readonly createdAt: bigint;
  readonly addresses: readonly string[];
  /** Of every attempt, the newest first within a name. */
  readonly containers: readonly NodeContainer[];
}

export interface NodeContainer {
  readonly id: string;
  readonly name: string;
  /** How often it was restarted. */
  readonly attempt: number;
  readonly state: 'created' | 'running' | 'exited' | 'unknown';
  readonly exitCode?: number;
  readonly reason?: string;
  readonly image: string;
  /** Bytes of its output that are not in its log yet; nothing when the shim writes no log of it. */
  readonly logLag?: number;
  /** Nanoseconds since 1970. */
  readonly createdAt: bigint;
}

/** How many calls are under way at a time: this command must not hold up the kubelet's calls. */
const SIDE_BY_SIDE = 8;

const STATES = {
  [ContainerState.CONTAINER_CREATED]: 'created',
  [ContainerState.CONTAINER_RUNNING]: 'running',
  [ContainerState.CONTAINER_EXITED]: 'exited',
} as const;

/** Asks the shim for the pods of the node, by namespace and name. What goes away meanwhile is shown as it was listed. */
export async function nodePods(cri: Pick<CriClient, 'call'>): Promise<NodePod[]> {
  const [{ items }, { containers }, lag] = await Promise.all([
    cri.call(runtime.listPodSandbox, { filter: undefined }),
    cri.call(runtime.listContainers, { filter: undefined }),
    logLag(cri),
  ]);
  const shown = await inBatches(containers, (container) => nodeContainer(cri, container, lag[container.id]));
  const pods = await inBatches(items, async (sandbox) => {
    const own = shown.filter((_, index) => containers[index]?.podSandboxId === sandbox.id);
    return nodePod(sandbox, await addressesOf(cri, sandbox), own);
  });
  return pods.sort((one, other) => compare(keyOf(one), keyOf(other)) || other.attempt - one.attempt);
}

function nodePod(sandbox: PodSandbox, addresses: readonly string[], containers: readonly NodeContainer[]): NodePod {
  const { id, metadata, state, createdAt } = sandbox;
  return {
    id,
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    attempt: metadata?.attempt ?? 0,
    state: state === PodSandboxState.SANDBOX_READY ? 'ready' : 'notready',
    createdAt,
    addresses,
    containers: [...containers].sort((one, other) => compare(one.name, other.name) || other.attempt - one.attempt),
  };
}

async function addressesOf(cri: Pick<CriClient, 'call'>, { id, state }: PodSandbox): Promise<string[]> {
  if (state !== PodSandboxState.SANDBOX_READY) return [];
  const request = { podSandboxId: id, verbose: false };
  const network = (await ifFound(cri.call(runtime.podSandboxStatus, request)))?.status?.network;
  return [network?.ip ?? '', ...(network?.additionalIps ?? []).map(({ ip }) => ip)].filter((ip) => ip !== '');
}

/** By container; empty for a runtime that is not this shim. */
async function logLag(cri: Pick<CriClient, 'call'>): Promise<Readonly<Record<string, number>>> {
  const { info } = await cri.call(runtime.status, { verbose: true });
  return JSON.parse(info['logLag'] ?? '{}') as Record<string, number>;
}

async function nodeContainer(
  cri: Pick<CriClient, 'call'>,
  container: Container,
  lag: number | undefined,
): Promise<NodeContainer> {
  const { id, metadata, state, createdAt, image } = container;
  const ended = state === ContainerState.CONTAINER_EXITED ? await statusOf(cri, id) : undefined;
  return {
    id,
    name: metadata?.name ?? '',
    attempt: metadata?.attempt ?? 0,
    state: (STATES as Partial<Record<ContainerState, NodeContainer['state']>>)[state] ?? 'unknown',
    ...(ended && { exitCode: ended.exitCode, reason: ended.reason }),
    image: image?.image ?? '',
    ...(lag !== undefined && { logLag: lag }),
    createdAt,
  };
}

async function statusOf(cri: Pick<CriClient, 'call'>, containerId: string): Promise<ContainerStatus | undefined> {
  return (await ifFound(cri.call(runtime.containerStatus, { containerId, verbose: false })))?.status;
}

/** Some at a time, in order. */
async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += SIDE_BY_SIDE) {
    results.push(...(await Promise.all(items.slice(start, start + SIDE_BY_SIDE).map(work))));
  }
  return results;
}

function keyOf({ namespace, name }: NodePod): string {
  return `${namespace}/${name}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
