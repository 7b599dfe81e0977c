import { DOCKERSHIM_FLAGS } from '../../../src/migrate/kubelet-steps';
import { planRollback } from '../../../src/migrate/rollback';
import { commands, CRI_DOCKERD, IN_TREE } from '../../support/nodes-to-migrate';

it.each<[string, Record<string, string>, string]>([
  ['in CNI', { 'cni-bin-dir': '/opt/cni/bin' }, ' --network-plugin=cni'],
  ['with all that the shim takes by itself', {}, ' --network-plugin=cni --cni-bin-dir=/opt/cni/bin,/usr/lib/cni'],
  ["on Docker's bridge", { 'network-plugin': 'bridge' }, ''],
  [
    'where nothing is in its usual place',
    {
      'docker-endpoint': 'unix:///run/d.sock',
      'cni-conf-dir': '/conf',
      'cni-bin-dir': '/a,/b',
      'cni-cache-dir': '/cache',
      'image-pull-progress-deadline': '5m',
      'root-directory': '/kept',
    },
    ' --network-plugin=cni --cni-conf-dir=/conf --cni-bin-dir=/a,/b --cni-cache-dir=/cache --docker-endpoint=unix:///run/d.sock' +
      ' --image-pull-progress-deadline=5m --experimental-dockershim-root-directory=/kept',
  ],
])("gives the kubelet's own dockershim back what it was told: %s", (_, options, flags) => {
  const shimOptions = new Map([...IN_TREE.shimOptions, ...Object.entries(options)]);
  expect(planRollback({ ...IN_TREE, shimOptions }).steps[2]).toEqual({
    does: 'Give the kubelet its flags back, in /var/lib/kubelet/kubeadm-flags.env',
    commands: [`--container-runtime=docker${flags}`],
    note: 'and take --container-runtime-endpoint away',
  });
});

it('gives back only flags that the way here takes away, and all of those but the MTU, which nobody kept', () => {
  const shimOptions = new Map([...IN_TREE.shimOptions.keys()].map((name) => [name, '/elsewhere']));
  const [told = ''] = planRollback({ ...IN_TREE, shimOptions }).steps[2]?.commands ?? [];
  const given = [...told.matchAll(/--([a-z-]+)=/g)]
    .map(([, name]) => name)
    .filter((name) => name !== 'container-runtime');
  expect([...given, 'network-plugin-mtu'].sort()).toEqual([...DOCKERSHIM_FLAGS].sort());
});

it('leads back to where the node came from', () => {
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

it('back rests on pods that the runtime before adopts, whoever made them', () => {
  expect(planRollback(CRI_DOCKERD)).toMatchObject({
    title: 'Back from dockershim to cri-dockerd on node-1',
    given: [
      'kubelet 1.31.0',
      '12 pods on the engine: the runtime before adopts them as they run',
      "the shim's endpoint is unix:///run/dockershim.sock",
    ],
  });
  expect(planRollback(IN_TREE).title).toBe("Back from dockershim to the kubelet's own dockershim on node-1");
});
