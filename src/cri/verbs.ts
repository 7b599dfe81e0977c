import type * as cri from '../../generated/runtime/v1/api';
import type { ListVerb, StreamVerb, Verb } from './call';

/** The calls of RuntimeService that are built. The others of the contract answer Unimplemented. */
export interface RuntimeVerbs {
  readonly version: Verb<cri.VersionRequest, cri.VersionResponse>;
  readonly status: Verb<cri.StatusRequest, cri.StatusResponse>;
  readonly runtimeConfig: Verb<cri.RuntimeConfigRequest, cri.RuntimeConfigResponse>;
  readonly updateRuntimeConfig: Verb<cri.UpdateRuntimeConfigRequest, cri.UpdateRuntimeConfigResponse>;
  readonly runPodSandbox: Verb<cri.RunPodSandboxRequest, cri.RunPodSandboxResponse>;
  readonly stopPodSandbox: Verb<cri.StopPodSandboxRequest, cri.StopPodSandboxResponse>;
  readonly removePodSandbox: Verb<cri.RemovePodSandboxRequest, cri.RemovePodSandboxResponse>;
  readonly podSandboxStatus: Verb<cri.PodSandboxStatusRequest, cri.PodSandboxStatusResponse>;
  readonly updatePodSandboxResources: Verb<cri.UpdatePodSandboxResourcesRequest, cri.UpdatePodSandboxResourcesResponse>;
  readonly listPodSandbox: Verb<cri.ListPodSandboxRequest, cri.ListPodSandboxResponse>;
  readonly portForward: Verb<cri.PortForwardRequest, cri.PortForwardResponse>;
  readonly createContainer: Verb<cri.CreateContainerRequest, cri.CreateContainerResponse>;
  readonly startContainer: Verb<cri.StartContainerRequest, cri.StartContainerResponse>;
  readonly stopContainer: Verb<cri.StopContainerRequest, cri.StopContainerResponse>;
  readonly removeContainer: Verb<cri.RemoveContainerRequest, cri.RemoveContainerResponse>;
  readonly containerStatus: Verb<cri.ContainerStatusRequest, cri.ContainerStatusResponse>;
  readonly listContainers: Verb<cri.ListContainersRequest, cri.ListContainersResponse>;
  readonly updateContainerResources: Verb<cri.UpdateContainerResourcesRequest, cri.UpdateContainerResourcesResponse>;
  readonly reopenContainerLog: Verb<cri.ReopenContainerLogRequest, cri.ReopenContainerLogResponse>;
  readonly execSync: Verb<cri.ExecSyncRequest, cri.ExecSyncResponse>;
  readonly exec: Verb<cri.ExecRequest, cri.ExecResponse>;
  readonly attach: Verb<cri.AttachRequest, cri.AttachResponse>;
  readonly containerStats: Verb<cri.ContainerStatsRequest, cri.ContainerStatsResponse>;
  readonly listContainerStats: ListVerb<cri.ListContainerStatsRequest, cri.ListContainerStatsResponse>;
  readonly podSandboxStats: Verb<cri.PodSandboxStatsRequest, cri.PodSandboxStatsResponse>;
  readonly listPodSandboxStats: ListVerb<cri.ListPodSandboxStatsRequest, cri.ListPodSandboxStatsResponse>;
  readonly getContainerEvents: StreamVerb<cri.GetEventsRequest, cri.ContainerEventResponse>;
  readonly listMetricDescriptors: Verb<cri.ListMetricDescriptorsRequest, cri.ListMetricDescriptorsResponse>;
  readonly listPodSandboxMetrics: ListVerb<cri.ListPodSandboxMetricsRequest, cri.ListPodSandboxMetricsResponse>;
}

export interface ImageVerbs {
  readonly pullImage: Verb<cri.PullImageRequest, cri.PullImageResponse>;
  readonly listImages: Verb<cri.ListImagesRequest, cri.ListImagesResponse>;
  readonly imageStatus: Verb<cri.ImageStatusRequest, cri.ImageStatusResponse>;
  readonly removeImage: Verb<cri.RemoveImageRequest, cri.RemoveImageResponse>;
  readonly imageFsInfo: Verb<cri.ImageFsInfoRequest, cri.ImageFsInfoResponse>;
}
