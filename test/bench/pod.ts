import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import {
  ContainerConfig,
  CreateContainerRequest,
  PodSandboxConfig,
  RemoveContainerRequest,
  RemovePodSandboxRequest,
  RunPodSandboxRequest,
  RuntimeServiceService as runtime,
  StartContainerRequest,
  StopContainerRequest,
  StopPodSandboxRequest,
} from '../../generated/runtime/v1/api';
import type { CriClient } from '../support/cri-client';

/** What the pods of one run have in common. */
export interface PodKind {
  /** Of this run alone: by it all pods of the run are found. */
  readonly namespace: string;
  readonly image: string;
  readonly logDirectory: string;
}

export interface Pod {
  readonly uid: string;
  readonly sandboxId: string;
  readonly containerId: string;
}

/** The label that has the pod's namespace, as the kubelet sets it. */
export const NAMESPACE_LABEL = 'io.kubernetes.pod.namespace';

/** As a kubelet asks for a pod: with labels, DNS and a log directory. */
export function sandboxConfig(kind: PodKind, uid: string): PodSandboxConfig {
  const name = `pod-${uid.slice(0, 8)}`;
  return PodSandboxConfig.fromPartial({
    metadata: { name, namespace: kind.namespace, uid, attempt: 0 },
    hostname: name,
    logDirectory: `${kind.logDirectory}/${uid}`,
    dnsConfig: { servers: ['10.96.0.10'], searches: ['default.svc.cluster.local'], options: ['ndots:5'] },
    labels: { [NAMESPACE_LABEL]: kind.namespace, 'io.kubernetes.pod.name': name, 'io.kubernetes.pod.uid': uid },
    annotations: { 'kubernetes.io/config.source': 'api' },
    linux: {},
  });
}

/** A container that sleeps, and doesn't end on SIGTERM. */
export function containerConfig(kind: PodKind, uid: string): ContainerConfig {
  return ContainerConfig.fromPartial({
    metadata: { name: 'sleeper', attempt: 0 },
    image: { image: kind.image },
    command: ['/bin/busybox', 'sleep', '1000000'],
    logPath: 'sleeper/0.log',
    labels: { [NAMESPACE_LABEL]: kind.namespace, 'io.kubernetes.pod.uid': uid },
    annotations: { 'io.kubernetes.container.restartCount': '0' },
    linux: { resources: { cpuShares: 102, memoryLimitInBytes: 64 * 1024 * 1024, oomScoreAdj: 900 } },
  });
}

export async function runSandbox(cri: CriClient, kind: PodKind, uid: string): Promise<string> {
  // The kubelet makes it, and other runtimes count on that.
  await mkdir(`${kind.logDirectory}/${uid}/sleeper`, { recursive: true });
  const request = RunPodSandboxRequest.fromPartial({ config: sandboxConfig(kind, uid) });
  return (await cri.call(runtime.runPodSandbox, request)).podSandboxId;
}

export async function createContainer(
  cri: CriClient,
  kind: PodKind,
  uid: string,
  podSandboxId: string,
): Promise<string> {
  const config = containerConfig(kind, uid);
  const request = CreateContainerRequest.fromPartial({
    podSandboxId,
    config,
    sandboxConfig: sandboxConfig(kind, uid),
  });
  return (await cri.call(runtime.createContainer, request)).containerId;
}

export async function startContainer(cri: CriClient, containerId: string): Promise<void> {
  await cri.call(runtime.startContainer, StartContainerRequest.fromPartial({ containerId }));
}

export async function stopContainer(cri: CriClient, containerId: string): Promise<void> {
  await cri.call(runtime.stopContainer, StopContainerRequest.fromPartial({ containerId, timeout: 0 }));
}

export async function removeContainer(cri: CriClient, containerId: string): Promise<void> {
  await cri.call(runtime.removeContainer, RemoveContainerRequest.fromPartial({ containerId }));
}

export async function stopSandbox(cri: CriClient, podSandboxId: string): Promise<void> {
  await cri.call(runtime.stopPodSandbox, StopPodSandboxRequest.fromPartial({ podSandboxId }));
}

export async function removeSandbox(cri: CriClient, podSandboxId: string): Promise<void> {
  await cri.call(runtime.removePodSandbox, RemovePodSandboxRequest.fromPartial({ podSandboxId }));
}

/** A pod that runs. */
export async function makePod(cri: CriClient, kind: PodKind): Promise<Pod> {
  const uid = randomUUID();
  const sandboxId = await runSandbox(cri, kind, uid);
  const containerId = await createContainer(cri, kind, uid, sandboxId);
  await startContainer(cri, containerId);
  return { uid, sandboxId, containerId };
}

export async function removePod(cri: CriClient, pod: Pod): Promise<void> {
  await stopSandbox(cri, pod.sandboxId);
  await removeSandbox(cri, pod.sandboxId);
}
