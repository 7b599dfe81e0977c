import { parseConfigFile } from '../../../src/config/file';
import { optionOf, settle } from '../../../src/config/settings';
import { CARRIED_FLAGS } from '../../../src/migrate/carried-flags';
import type { NodeFacts, Runtime } from '../../../src/migrate/node';
import { planToDockershim } from '../../../src/migrate/to-dockershim';
import { commands, CRI_DOCKERD, IN_TREE } from '../../support/nodes-to-migrate';

it("leads from the kubelet's own dockershim, and moves what its flags said", () => {
  expect(commands(planToDockershim(IN_TREE))).toEqual([
    'network-plugin: cni',
    'cni-bin-dir: /opt/cni/bin',
    'dockershim doctor',
    'systemctl stop kubelet',
    'systemctl enable dockershim.socket dockershim.service',
    'systemctl restart dockershim.socket dockershim.service',
    '--container-runtime=remote --container-runtime-endpoint=unix:///run/dockershim.sock',
    'kubectl annotate node node-1 --overwrite kubeadm.alpha.kubernetes.io/cri-socket=unix:///run/dockershim.sock',
    'systemctl daemon-reload',
    'systemctl start kubelet',
    'dockershim migrate check',
  ]);
});

it('leads from cri-dockerd, which is stopped before the shim starts with what its flags said', () => {
  expect(commands(planToDockershim(CRI_DOCKERD))).toEqual([
    'docker-endpoint: unix:///run/other.sock',
    'network-plugin: bridge',
    'streaming-bind-addr: ""',
    'dockershim doctor',
    'systemctl stop kubelet',
    'systemctl disable --now cri-docker.socket cri-docker.service',
    'systemctl enable dockershim.socket dockershim.service',
    'systemctl restart dockershim.socket dockershim.service',
    'containerRuntimeEndpoint: unix:///run/dockershim.sock',
    'systemctl daemon-reload',
    'systemctl start kubelet',
    'dockershim migrate check',
  ]);
});

it('writes down what the runtime before was told, not what is left over of the one before that', () => {
  const left = { dockershimFlags: IN_TREE.dockershimFlags, criDockerdFlags: [] };
  expect(commands(planToDockershim({ ...CRI_DOCKERD, ...left })).slice(0, 2)).toEqual([
    'dockershim doctor',
    'systemctl stop kubelet',
  ]);
});

it('says where the flags of a cri-dockerd are that does not run', () => {
  expect(planToDockershim({ ...CRI_DOCKERD, criDockerdFlags: undefined }).steps).toContainEqual({
    does: 'Write what cri-dockerd was told into /etc/dockershim/config.yaml',
    commands: ['systemctl cat cri-docker.service'],
    note: 'it does not run: its flags are there',
  });
});

it.each<[string, Partial<NodeFacts>, string[]]>([
  ['one that runs', {}, ['network-plugin: bridge']],
  [
    'one that runs, with another flag',
    { dockershimFlags: [['docker-endpoint', '/a']] },
    ['network-plugin: bridge', 'docker-endpoint: /a'],
  ],
  ['one whose flags are not known, for it does not run', { kubeletRuns: false }, []],
  ['one that has another runtime', { runtime: 'containerd' }, []],
])("takes a kubelet without --network-plugin for one with Docker's bridge: %s", (_, facts, lines) => {
  const { steps } = planToDockershim({ ...IN_TREE, dockershimFlags: [], ...facts });
  expect(steps.find(({ does }) => does.includes('config.yaml'))?.commands ?? []).toEqual(lines);
});

it('has the checkpoints read where the kubelet kept them', () => {
  const dockershimFlags = [...IN_TREE.dockershimFlags, ['experimental-dockershim-root-directory', '/kept'] as const];
  expect(commands(planToDockershim({ ...IN_TREE, dockershimFlags }))).toContain('root-directory: /kept');
});

it.each(['', '[::1]:10010', ':10010', 'localhost:', '{a', 'a # b', '*'])(
  'writes %j so that YAML reads it back',
  (value) => {
    const { steps } = planToDockershim({ ...CRI_DOCKERD, criDockerdFlags: [['streaming-bind-addr', value]] });
    const lines = steps.find(({ does }) => does.includes('config.yaml'))?.commands ?? [];
    expect(parseConfigFile(lines.join('\n'), 'config.yaml')).toEqual([
      { option: 'streaming-bind-addr', value, from: 'config.yaml:1' },
    ]);
  },
);

it('writes lines that the configuration file takes, for each flag that the two have in common', () => {
  const criDockerdFlags = CARRIED_FLAGS.map((name) => [name, optionOf(name).default] as const);
  const { steps } = planToDockershim({ ...CRI_DOCKERD, criDockerdFlags });
  const lines = steps.find(({ does }) => does.includes('config.yaml'))?.commands ?? [];
  const settings = settle([], parseConfigFile(lines.join('\n'), 'config.yaml'));
  criDockerdFlags.forEach(([name, value], index) => {
    expect(settings[name]).toEqual({ values: [value], from: `config.yaml:${index + 1}` });
  });
});

it.each<[Runtime | undefined, string]>([
  ['in-tree', "From the kubelet's own dockershim to dockershim on node-1"],
  ['cri-dockerd', 'From cri-dockerd to dockershim on node-1'],
  ['containerd', 'From containerd to dockershim on node-1'],
  ['dockershim', 'To dockershim on node-1, where the kubelet uses it already'],
  [undefined, 'To dockershim on node-1'],
])('where the kubelet uses %s, it is called: %s', (runtime, title) => {
  expect(planToDockershim({ ...IN_TREE, runtime }).title).toBe(title);
});

it('rests on pods that the shim adopts', () => {
  expect(planToDockershim({ ...IN_TREE, pods: { all: 12, adoptable: 9 } }).given).toEqual([
    'kubelet 1.23.17',
    '12 pods on the engine, 9 of them made by a predecessor: they are adopted as they run',
    "the shim's endpoint is unix:///run/dockershim.sock",
  ]);
  const unknown = { ...IN_TREE, kubeletVersion: undefined };
  expect(planToDockershim(unknown).given[0]).toBe('a kubelet runs, whose version is not known');
  expect(planToDockershim({ ...unknown, kubeletRuns: false }).given[0]).toBe('no kubelet was found');
});

it('does not promise that pods of containerd are adopted', () => {
  const { given } = planToDockershim({ ...IN_TREE, runtime: 'containerd' });
  expect(given).toContain('the kubelet uses containerd: its pods are not adopted, so drain the node first');
});
