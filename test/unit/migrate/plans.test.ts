import type { NodeFacts } from '../../../src/migrate/node';
import { planText, type Plan } from '../../../src/migrate/plan';
import { planRollback } from '../../../src/migrate/rollback';
import { planToContainerd } from '../../../src/migrate/to-containerd';
import { planToDockershim } from '../../../src/migrate/to-dockershim';

const IN_TREE: NodeFacts = {
  nodeName: 'node-1',
  runtime: 'in-tree',
  kubeletVersion: '1.23.17',
  kubeletConfig: '/var/lib/kubelet/config.yaml',
  kubeadmFlags: '/var/lib/kubelet/kubeadm-flags.env',
  dockershimFlags: [
    ['network-plugin', 'cni'],
    ['cni-bin-dir', '/opt/cni/bin'],
  ],
  endpoint: 'unix:///run/dockershim.sock',
  pods: { all: 12, adoptable: 12 },
  images: ['nginx:1.25'],
  criDockerdUnits: [],
};
const CRI_DOCKERD: NodeFacts = {
  ...IN_TREE,
  runtime: 'cri-dockerd',
  kubeletVersion: '1.31.0',
  kubeadmFlags: undefined,
  dockershimFlags: [],
  criDockerdUnits: ['cri-docker.socket', 'cri-docker.service'],
};

const commands = ({ steps }: Plan): string[] => steps.flatMap(({ commands: some = [] }) => some);

it("leads from the kubelet's own dockershim, and moves what its flags said", () => {
  expect(commands(planToDockershim(IN_TREE))).toEqual([
    'dockershim doctor',
    'network-plugin: cni',
    'cni-bin-dir: /opt/cni/bin',
    'systemctl stop kubelet',
    'systemctl enable --now dockershim.service',
    '--container-runtime=remote --container-runtime-endpoint=unix:///run/dockershim.sock',
    'kubectl annotate node node-1 --overwrite kubeadm.alpha.kubernetes.io/cri-socket=unix:///run/dockershim.sock',
    'systemctl daemon-reload',
    'systemctl start kubelet',
    'dockershim migrate check',
  ]);
});

it('leads from cri-dockerd, which is stopped before the shim starts', () => {
  expect(commands(planToDockershim(CRI_DOCKERD))).toEqual([
    'dockershim doctor',
    'systemctl stop kubelet',
    'systemctl disable --now cri-docker.socket cri-docker.service',
    'systemctl enable --now dockershim.service',
    'containerRuntimeEndpoint: unix:///run/dockershim.sock',
    'systemctl daemon-reload',
    'systemctl start kubelet',
    'dockershim migrate check',
  ]);
});

it.each([
  ['1.20.2', '/kubeadm', '--container-runtime=remote --container-runtime-endpoint=unix:///run/dockershim.sock'],
  ['1.26.0', undefined, '--container-runtime=remote --container-runtime-endpoint=unix:///run/dockershim.sock'],
  ['1.27.0', '/kubeadm', '--container-runtime-endpoint=unix:///run/dockershim.sock'],
  ['1.34.0', undefined, 'containerRuntimeEndpoint: unix:///run/dockershim.sock'],
])('tells kubelet %s (kubeadm: %s) its runtime as it understands it', (kubeletVersion, kubeadmFlags, told) => {
  expect(commands(planToDockershim({ ...CRI_DOCKERD, kubeletVersion, kubeadmFlags }))).toContain(told);
});

it('leads back to where the node came from', () => {
  expect(commands(planRollback(IN_TREE))).toContain('--container-runtime=docker --network-plugin=cni');
  expect(commands(planRollback(CRI_DOCKERD))).toEqual([
    'systemctl stop kubelet',
    'systemctl disable --now dockershim.socket dockershim.service',
    'systemctl enable --now cri-docker.socket cri-docker.service',
    'containerRuntimeEndpoint: unix:///run/cri-dockerd.sock',
    'systemctl daemon-reload',
    'systemctl start kubelet',
    'kubectl get node node-1',
    'kubectl get pods -A --field-selector spec.nodeName=node-1',
  ]);
});

it('leads onwards to containerd: drained, the sandboxes removed while the shim can, the images carried over last', () => {
  const all = commands(planToContainerd(CRI_DOCKERD));
  const order = ['kubectl drain', 'crictl rmp', 'disable --now dockershim', 'enable --now containerd', 'docker save'];
  const places = order.map((word) => all.findIndex((command) => command.includes(word)));
  expect(places).toEqual([...places].sort((one, other) => one - other));
  expect(places).not.toContain(-1);
  expect(all).toContain('docker save nginx:1.25 | ctr --namespace k8s.io images import -');
  expect(all.at(-1)).toBe('kubectl uncordon node-1');
});

it('is printed with numbers, and commands that can be copied', () => {
  const plan = { title: 'T', given: ['a fact'], steps: [{ does: 'Do it', commands: ['x --y'], note: 'with care' }] };
  expect(planText(plan)).toBe('T\n\n  · a fact\n\n1. Do it.\n   (with care)\n       x --y\n');
});
