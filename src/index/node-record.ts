import { ContainerState, type ContainerStatus } from '../../generated/runtime/v1/api';
import type { EngineRuntimes } from '../docker/engine-facts';
import type { ContainerInspect, ContainerNetwork, ContainerSummary } from '../docker/types';
import { fromRfc3339 } from '../lib/time';
import type { NetworkedPod } from '../network/pod';
import { runs } from '../translate/container-state';
import { listedStatus, toContainerStatus } from '../translate/container-status';
import { kindOfContainer, readCgroupLabel, SANDBOX_ID_LABEL } from '../translate/labels';
import { networkedPod } from '../translate/pod-networking';
import { readRuntimeHandler } from '../translate/runtime-handlers';
import { listedFacts, sandboxFacts, type SandboxFacts } from '../translate/sandbox-status';
import { selinuxLevel } from '../translate/security/selinux';
import { listedEnd, statedEnd, type ListedEnd } from './listed-end';

/**
 * What the index keeps of a container: what answers are made of, translated once, and no more. A record is never
 * changed, only replaced, so whoever holds one holds a moment.
 */
export type NodeRecord = NodeContainer | NodeSandbox;

export interface NodeContainer {
  readonly kind: 'container';
  readonly id: string;
  /** Docker's, without its slash. */
  readonly name: string;
  /** As `runs` in translate/container-state.ts has it: a paused one does. */
  readonly running: boolean;
  readonly sandboxId: string;
  /** Of its main process, in the engine's PID namespace; 0 when not running. */
  readonly pid: number;
  /** What it was created to have in files of its cgroup, when this shim made it: names and values. */
  readonly cgroupFiles: Readonly<Record<string, string>>;
  /** Without what its image and the kernel say, which may change (shown-statuses.ts). */
  readonly status: ContainerStatus;
  /** Set while the list alone tells of its end. */
  readonly listedEnd?: ListedEnd | undefined;
}

export interface NodeSandbox {
  readonly kind: 'podsandbox';
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
  /** When it ended last, in nanoseconds since 1970; 0 when it never has, or nobody has told. */
  readonly endedAt: bigint;
  readonly facts: SandboxFacts;
  /** Docker's id of the image that it runs on, which the configured one need not be any more. */
  readonly imageId: string;
  readonly runtimeHandler: string;
  readonly network: ContainerNetwork;
  /** Undefined for one that Docker has but listed. */
  readonly details: SandboxDetails | undefined;
}

/** What of a sandbox its end, and the making of its containers, must know. */
export interface SandboxDetails {
  readonly networked: NetworkedPod;
  /** Docker's, empty for the default one. */
  readonly runtime: string;
  /** Empty without SELinux. */
  readonly selinuxLevel: string;
  /** Docker's `UsernsMode`. */
  readonly usernsMode: string;
}

/** 128 and SIGKILL. */
const KILLED_EXIT_CODE = 137;

/** @param oomKilled whether the kernel says that it killed a process of the container for want of memory */
export function inspectedContainer(
  container: ContainerInspect,
  oomKilled: (containerId: string) => boolean,
  runtimes: EngineRuntimes,
): NodeContainer {
  const sandboxId = container.Config.Labels?.[SANDBOX_ID_LABEL] ?? '';
  const status = toContainerStatus(container, wasOomKilled(container, oomKilled), runtimes);
  const { Pid: pid } = container.State;
  const cgroupFiles = readCgroupLabel(container.Config.Labels);
  return { kind: 'container', ...identity(container), sandboxId, pid, cgroupFiles, status };
}

export function inspectedSandbox(container: ContainerInspect, runtimes: EngineRuntimes): NodeSandbox {
  const facts = sandboxFacts(container);
  return {
    kind: 'podsandbox',
    ...identity(container),
    endedAt: fromRfc3339(container.State.FinishedAt),
    facts,
    imageId: container.Image,
    runtimeHandler: readRuntimeHandler(container.HostConfig.Runtime, runtimes),
    network: networkOf(container),
    details: {
      // One map of them is kept.
      networked: { ...networkedPod(container), annotations: facts.annotations },
      runtime: container.HostConfig.Runtime ?? '',
      selinuxLevel: selinuxLevel(container.ProcessLabel),
      usernsMode: container.HostConfig.UsernsMode ?? '',
    },
  };
}

/** What a row of Docker's list tells, for a container that cannot be inspected; undefined for somebody else's. */
export function listedRecord(row: ContainerSummary): NodeRecord | undefined {
  const kind = kindOfContainer(row.Labels);
  const own = { id: row.Id, name: withoutSlash(row.Names?.[0] ?? ''), running: runs(row.State) };
  if (kind === 'container') {
    const sandboxId = row.Labels?.[SANDBOX_ID_LABEL] ?? '';
    const status = listedStatus(row);
    const end = status.state === ContainerState.CONTAINER_EXITED ? listedEnd(row) : undefined;
    return { kind, ...own, sandboxId, pid: 0, cgroupFiles: {}, status, listedEnd: end };
  }
  if (kind === 'podsandbox') {
    const network = { Id: row.Id, HostConfig: {}, State: { Pid: 0 } };
    const known = { facts: listedFacts(row), imageId: row.ImageID, runtimeHandler: '', network };
    return { kind, ...own, endedAt: 0n, ...known, details: undefined };
  }
  return undefined;
}

/** What is known, but for what a row of Docker's list says otherwise of it, for a container that can't be inspected. */
export function relistedRecord(known: NodeRecord, row: ContainerSummary): NodeRecord | undefined {
  const listed = listedRecord(row);
  if (known.kind === 'container' && listed?.kind === 'container') return relistedContainer(known, listed, row);
  if (known.kind === 'podsandbox' && listed?.kind === 'podsandbox') return relistedSandbox(known, listed);
  return listed;
}

/** Whether a row of Docker's list says nothing else than what is known. */
export function agreesWith(record: NodeRecord, row: ContainerSummary): boolean {
  if (record.name !== withoutSlash(row.Names?.[0] ?? '') || record.running !== runs(row.State)) return false;
  // A failed start is told by inspect alone: Docker lists it as created.
  return record.kind === 'podsandbox' || row.State === 'created' || !isCreated(record);
}

export function idsOf(records: readonly NodeRecord[]): string[] {
  return records.map(({ id }) => id);
}

export function isCreated(record: NodeContainer): boolean {
  return record.status.state === ContainerState.CONTAINER_CREATED;
}

/** Whether both are of the same run of a container, from one start to its end. */
export function isSameRun(before: NodeRecord | undefined, after: NodeContainer): boolean {
  return before?.kind === 'container' && before.pid === after.pid && before.status.startedAt === after.status.startedAt;
}

/**
 * Whether what ends a container has to reckon with a process of it: also where only the list tells of an end. The words of
 * a removal that got stuck don't tell, and to stop what is dead does no harm.
 */
export function mayRun(record: NodeContainer): boolean {
  return !isCreated(record) && !(hasEnded(record) && isInspected(record));
}

/**
 * Whether all is known that a status states as fact: how a container ended, and the address of a running sandbox. The list
 * has neither, and Docker's word of a start has no process, by which an address is found.
 */
export function isTold(record: NodeRecord): boolean {
  if (record.kind === 'podsandbox') return !record.running || record.network.State.Pid !== 0;
  return !hasEnded(record) || record.status.finishedAt !== 0n || isInspected(record);
}

/** The record as a status states it: how it ended, where Docker has not told for so long that it can't be waited for. */
export function stated<Known extends NodeRecord>(record: Known): Known {
  if (record.kind !== 'container' || isTold(record) || record.listedEnd === undefined) return record;
  const end = statedEnd(record.listedEnd, record.status.startedAt);
  return end === undefined ? record : { ...record, status: { ...record.status, ...end } };
}

/** Whether Docker was asked about the very container; not one of whose end the list alone tells. */
export function isInspected(record: NodeRecord): boolean {
  return (record.kind === 'podsandbox' ? record.details : record.status.resources) !== undefined;
}

export function hasEnded(record: NodeContainer): boolean {
  return record.status.state === ContainerState.CONTAINER_EXITED;
}

/** A run of which the list alone tells has no process and no end time, and nobody knows what limits it has. */
function relistedContainer(known: NodeContainer, listed: NodeContainer, row: ContainerSummary): NodeContainer {
  const { metadata, state } = listed.status;
  const renamed = { ...known, name: listed.name, status: { ...known.status, metadata } };
  if (agreesWith(renamed, row)) return renamed;
  const startedAt = hasEnded(listed) ? known.status.startedAt : 0n;
  const progress = { state, startedAt, finishedAt: 0n, exitCode: 0, reason: '', message: '' };
  const { running, listedEnd: end } = listed;
  return {
    ...renamed,
    running,
    pid: 0,
    listedEnd: end,
    status: { ...renamed.status, ...progress, resources: undefined },
  };
}

function relistedSandbox(known: NodeSandbox, { name, running, facts }: NodeSandbox): NodeSandbox {
  const { metadata, state } = facts;
  const renamed = { ...known, name, facts: { ...known.facts, metadata, state } };
  if (running === known.running) return renamed;
  const network = { ...known.network, State: { Pid: 0 } };
  return { ...withoutNamespace(renamed), running, endedAt: 0n, network };
}

function identity({ Id: id, Name: name, State: state }: ContainerInspect) {
  return { id, name: withoutSlash(name), running: state.Running };
}

/** Docker's flag may miss a kill that ended the container; only such an end is looked up. */
function wasOomKilled({ Id: id, State: state }: ContainerInspect, oomKilled: (id: string) => boolean): boolean {
  if (state.OOMKilled || state.Running || state.ExitCode !== KILLED_EXIT_CODE) return state.OOMKilled;
  return oomKilled(id);
}

/** Only the addresses, of all that inspect says of networks. */
function networkOf({ Id, HostConfig, NetworkSettings, State }: ContainerInspect): ContainerNetwork {
  const networks = Object.entries(NetworkSettings?.Networks ?? {}).map(([name, endpoint]) => {
    const { IPAddress = '', GlobalIPv6Address = '' } = endpoint ?? {};
    return [name, { IPAddress, GlobalIPv6Address }] as const;
  });
  const { NetworkMode } = HostConfig;
  return {
    Id,
    State: { Pid: State.Pid },
    HostConfig: NetworkMode === undefined ? {} : { NetworkMode },
    NetworkSettings: { Networks: Object.fromEntries(networks) },
  };
}

/** Its process is another one now, or none: the number may be of somebody else's. */
export function withoutNamespace(known: NodeSandbox): NodeSandbox {
  const { details } = known;
  if (details === undefined) return known;
  return { ...known, details: { ...details, networked: { ...details.networked, netns: '' } } };
}

function withoutSlash(name: string): string {
  return name.replace(/^\//, '');
}
