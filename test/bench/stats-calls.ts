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
import { undecoded } from './undecoded';

/** What the kubelet's eviction manager, its summary and its metrics are made of, by name. */
export const STATS_CALLS: Readonly<Record<string, RpcCall>> = {
  ContainerStats: ({ cri, pod }) =>
    undecoded(cri, runtime.containerStats, ContainerStatsRequest.fromPartial({ containerId: pod.containerId })),
  ListContainerStats: ({ cri }) =>
    undecoded(cri, runtime.listContainerStats, ListContainerStatsRequest.fromPartial({})),
  PodSandboxStats: ({ cri, pod }) =>
    undecoded(cri, runtime.podSandboxStats, PodSandboxStatsRequest.fromPartial({ podSandboxId: pod.sandboxId })),
  ListPodSandboxStats: ({ cri }) =>
    undecoded(cri, runtime.listPodSandboxStats, ListPodSandboxStatsRequest.fromPartial({})),
  ListPodSandboxMetrics: ({ cri }) =>
    undecoded(cri, runtime.listPodSandboxMetrics, ListPodSandboxMetricsRequest.fromPartial({})),
  ImageFsInfo: ({ cri }) => undecoded(cri, images.imageFsInfo, ImageFsInfoRequest.fromPartial({})),
};
