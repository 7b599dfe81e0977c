import {
  ContainerStatusRequest,
  ExecSyncRequest,
  ImageServiceService as images,
  ImageStatusRequest,
  ListContainersRequest,
  ListImagesRequest,
  ListPodSandboxRequest,
  PodSandboxStatusRequest,
  RuntimeServiceService as runtime,
  StatusRequest,
  UpdateContainerResourcesRequest,
  VersionRequest,
} from '../../generated/runtime/v1/api';
import type { CriClient } from '../support/cri-client';
import { liveThrough } from './life';
import type { Pod, PodKind } from './pod';
import { undecoded } from './undecoded';

/** One runtime, and a pod that it has made. */
export interface Target {
  readonly cri: CriClient;
  readonly kind: PodKind;
  readonly pod: Pod;
}

export type RpcCall = (target: Target) => Promise<unknown>;

/** What is measured, by name. */
export const RPC_CALLS: Readonly<Record<string, RpcCall>> = {
  Version: ({ cri }) => undecoded(cri, runtime.version, VersionRequest.fromPartial({})),
  Status: ({ cri }) => undecoded(cri, runtime.status, StatusRequest.fromPartial({})),
  ListPodSandbox: ({ cri }) => undecoded(cri, runtime.listPodSandbox, ListPodSandboxRequest.fromPartial({})),
  ListContainers: ({ cri }) => undecoded(cri, runtime.listContainers, ListContainersRequest.fromPartial({})),
  PodSandboxStatus: ({ cri, pod }) =>
    undecoded(cri, runtime.podSandboxStatus, PodSandboxStatusRequest.fromPartial({ podSandboxId: pod.sandboxId })),
  ContainerStatus: ({ cri, pod }) =>
    undecoded(cri, runtime.containerStatus, ContainerStatusRequest.fromPartial({ containerId: pod.containerId })),
  ListImages: ({ cri }) => undecoded(cri, images.listImages, ListImagesRequest.fromPartial({})),
  ImageStatus: ({ cri, kind }) =>
    undecoded(cri, images.imageStatus, ImageStatusRequest.fromPartial({ image: { image: kind.image } })),
  'ExecSync true': ({ cri, pod }) =>
    undecoded(
      cri,
      runtime.execSync,
      ExecSyncRequest.fromPartial({ containerId: pod.containerId, cmd: ['/bin/busybox', 'true'], timeout: 30 }),
    ),
  UpdateContainerResources: ({ cri, pod }) =>
    undecoded(
      cri,
      runtime.updateContainerResources,
      UpdateContainerResourcesRequest.fromPartial({ containerId: pod.containerId, linux: { cpuShares: 102 } }),
    ),
  "a pod's whole life": ({ cri, kind }) => liveThrough(cri, kind),
};
