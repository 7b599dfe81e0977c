import type { Flag } from './flag';

/**
 * The flags of cri-dockerd that change nothing here, each with the reason. They are accepted, with a warning, so that its
 * unit file serves with the program's name changed.
 */
export const CRI_DOCKERD_FLAGS = [
  {
    flag: 'hairpin-mode',
    value: 'MODE',
    meaning: 'the CNI plugins have it in their own configuration (hairpinMode of the bridge plugin)',
  },
  { flag: 'ipv6-dual-stack', meaning: 'every address that the CNI plugins give is reported, of both families' },
  {
    flag: 'network-plugin-mtu',
    value: 'BYTES',
    meaning: 'the CNI plugins have it in their own configuration (mtu)',
  },
  { flag: 'pod-cidr', value: 'CIDR', meaning: 'only kubenet needed it; the kubelet hands the CIDR of a node to CNI' },
  {
    flag: 'runtime-cgroups',
    value: 'CGROUP',
    meaning: 'the unit of each daemon says in which cgroup it runs (Slice=)',
  },
  {
    flag: 'runtime-request-timeout',
    value: 'TIME',
    meaning: 'each call brings its own deadline, which the kubelet sets (runtimeRequestTimeout)',
  },
] as const satisfies readonly Flag[];
