import {
  ContainerStatsRequest,
  ImageFsInfoRequest,
  ImageServiceService as images,
  ListContainerStatsRequest,
  ListPodSandboxMetricsRequest,
  ListPodSandboxStatsRequest,
  PodSandboxStatsRequest,
  RuntimeServiceService as runtime,
} from '../../generated/runtime/v1/api';
import type { RpcCall } from './rpc-calls';

/** What the kubelet's eviction manager, its summary and its metrics are made of, by name. */
export const STATS_CALLS: Readonly<Record<string, RpcCall>> = {
  ContainerStats: ({ cri, pod }) =>
    cri.call(runtime.containerStats, ContainerStatsRequest.fromPartial({ containerId: pod.containerId })),
  ListContainerStats: ({ cri }) => cri.call(runtime.listContainerStats, ListContainerStatsRequest.fromPartial({})),
  PodSandboxStats: ({ cri, pod }) =>
    cri.call(runtime.podSandboxStats, PodSandboxStatsRequest.fromPartial({ podSandboxId: pod.sandboxId })),
  ListPodSandboxStats: ({ cri }) => cri.call(runtime.listPodSandboxStats, ListPodSandboxStatsRequest.fromPartial({})),
  ListPodSandboxMetrics: ({ cri }) =>
    cri.call(runtime.listPodSandboxMetrics, ListPodSandboxMetricsRequest.fromPartial({})),
  ImageFsInfo: ({ cri }) => cri.call(images.imageFsInfo, ImageFsInfoRequest.fromPartial({})),
};
