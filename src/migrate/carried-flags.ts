/**
 * Flags of cri-dockerd that are options of this shim, under the same names. Not --container-runtime-endpoint: the shim's
 * unit has that.
 */
export const CARRIED_FLAGS = [
  'docker-endpoint',
  'cri-dockerd-root-directory',
  'pod-infra-container-image',
  'network-plugin',
  'cni-conf-dir',
  'cni-bin-dir',
  'cni-cache-dir',
  'image-pull-progress-deadline',
  'streaming-bind-addr',
  'log-level',
] as const;
