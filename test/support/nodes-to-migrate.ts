import { OPTIONS } from '../../src/config/options';
import type { NodeFacts } from '../../src/migrate/node';
import type { Plan } from '../../src/migrate/plan';

/** A node that kubeadm made, whose kubelet serves its pods itself. */
export const IN_TREE: NodeFacts = {
  nodeName: 'node-1',
  runtime: 'in-tree',
  kubeletRuns: true,
  runningVersion: undefined,
  kubeletVersion: '1.23.17',
  endpointFile: '/var/lib/kubelet/config.yaml',
  endpointFlag: false,
  endpointFlagFile: undefined,
  kubeadmFlags: '/var/lib/kubelet/kubeadm-flags.env',
  dockershimFlags: [
    ['network-plugin', 'cni'],
    ['cni-bin-dir', '/opt/cni/bin'],
  ],
  criDockerdFlags: [],
  endpoint: 'unix:///run/dockershim.sock',
  engineEndpoint: 'unix:///var/run/docker.sock',
  shimOptions: new Map(OPTIONS.map((option) => [option.flag, option.default])),
  pods: { all: 12, adoptable: 12 },
  images: { tags: ['nginx:1.25'], untagged: [] },
  criDockerdUnits: [],
};
/** One whose kubelet is told its runtime in its configuration. */
export const CRI_DOCKERD: NodeFacts = {
  ...IN_TREE,
  runtime: 'cri-dockerd',
  kubeletVersion: '1.31.0',
  kubeadmFlags: undefined,
  dockershimFlags: [],
  criDockerdFlags: [
    ['docker-endpoint', 'unix:///run/other.sock'],
    ['network-plugin', ''],
    ['streaming-bind-addr', ''],
  ],
  criDockerdUnits: ['cri-docker.socket', 'cri-docker.service'],
};

/** The commands of all steps, in order. */
export const commands = ({ steps }: Plan): string[] => steps.flatMap(({ commands: some = [] }) => some);
