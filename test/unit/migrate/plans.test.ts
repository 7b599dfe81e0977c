import { parseConfigFile } from '../../../src/config/file';
import { optionOf, settle } from '../../../src/config/settings';
import { CARRIED_FLAGS } from '../../../src/migrate/carried-flags';
import type { NodeFacts, Runtime } from '../../../src/migrate/node';
import { planText, type Plan } from '../../../src/migrate/plan';
import { planRollback } from '../../../src/migrate/rollback';
import { planToContainerd } from '../../../src/migrate/to-containerd';
import { planToDockershim } from '../../../src/migrate/to-dockershim';

const IN_TREE: NodeFacts = {
  nodeName: 'node-1',
  runtime: 'in-tree',
  kubeletRuns: true,
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
  pods: { all: 12, adoptable: 12 },
  images: { tags: ['nginx:1.25'], untagged: [] },
  criDockerdUnits: [],
};
const CRI_DOCKERD: NodeFacts = {
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

const commands = ({ steps }: Plan): string[] => steps.flatMap(({ commands: some = [] }) => some);

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

it.each([
  ['1.20.2', '/kubeadm', '--container-runtime=remote --container-runtime-endpoint=unix:///run/dockershim.sock'],
  ['1.26.0', undefined, '--container-runtime=remote --container-runtime-endpoint=unix:///run/dockershim.sock'],
  ['1.27.0', '/kubeadm', '--container-runtime-endpoint=unix:///run/dockershim.sock'],
  ['1.34.0', undefined, 'containerRuntimeEndpoint: unix:///run/dockershim.sock'],
])('tells kubelet %s (kubeadm: %s) its runtime as it understands it', (kubeletVersion, kubeadmFlags, told) => {
  expect(commands(planToDockershim({ ...CRI_DOCKERD, kubeletVersion, kubeadmFlags }))).toContain(told);
});

it('tells a kubelet of an unknown version what every one takes', () => {
  const unknown = { ...IN_TREE, kubeletVersion: undefined };
  for (const plan of [planToDockershim(unknown), planToContainerd(unknown), planRollback(unknown)]) {
    const step = plan.steps.find(({ does }) => does.startsWith("Set the runtime among the kubelet's flags"));
    expect(step?.commands).toEqual([expect.stringMatching(/^--container-runtime-endpoint=unix:\/\/\/\S+$/)]);
    expect(step?.note).toMatch(
      /^up to 1\.26 also --container-runtime=remote, .*; take away --network-plugin, --cni-bin-dir:/,
    );
  }
});

it('changes the endpoint where it is: in a drop-in, or among the flags', () => {
  const endpointFile = '/etc/kubernetes/kubelet.conf.d/20-dockershim.conf';
  expect(planRollback({ ...CRI_DOCKERD, endpointFile }).steps).toContainEqual({
    does: `Set the endpoint in ${endpointFile}`,
    commands: ['containerRuntimeEndpoint: unix:///run/cri-dockerd.sock'],
  });
  expect(commands(planRollback({ ...CRI_DOCKERD, endpointFlag: true }))).toContain(
    '--container-runtime-endpoint=unix:///run/cri-dockerd.sock',
  );
});

it("names the file that has the endpoint's flag, before kubeadm's", () => {
  const endpointFlagFile = '/etc/default/kubelet';
  const node = { ...IN_TREE, endpointFlag: true, endpointFlagFile };
  const steps = [planToDockershim(node), planRollback(node)].flatMap((plan) => plan.steps.map(({ does }) => does));
  const place = "Set the runtime among the kubelet's flags in";
  expect(steps).toContain(`${place} /etc/default/kubelet, in place of what is there of these`);
  expect(steps).toContain('Give the kubelet its flags back, in /etc/default/kubelet');
  const other = planToDockershim({ ...node, endpointFlagFile: undefined }).steps.map(({ does }) => does);
  expect(other).toContain(`${place} /var/lib/kubelet/kubeadm-flags.env, in place of what is there of these`);
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

it('onwards rests on no pod being adopted', () => {
  expect(planToContainerd(CRI_DOCKERD)).toMatchObject({
    title: 'From Docker to containerd on node-1: the pods move away and come back',
    given: ['kubelet 1.31.0', '12 pods on the engine: containerd adopts none of them, so they are made anew'],
  });
});

it('leads onwards to containerd: drained, the sandboxes removed while the shim can, the images carried over last', () => {
  const all = commands(planToContainerd(CRI_DOCKERD));
  const order = ['kubectl drain', ' rmp -f', 'disable --now dockershim', 'restart containerd', 'docker save'];
  const places = order.map((word) => all.findIndex((command) => command.includes(word)));
  expect(places).toEqual([...places].sort((one, other) => one - other));
  expect(places).not.toContain(-1);
  expect(all).toContain('docker save nginx:1.25 | ctr --namespace k8s.io images import -');
  expect(all.at(-1)).toBe('kubectl uncordon node-1');
});

it('onwards, says of images without a tag that they need one', () => {
  const carried = (tags: string[], untagged: string[]) =>
    planToContainerd({ ...CRI_DOCKERD, images: { tags, untagged } }).steps.find(({ does }) => does.startsWith('Carry'));
  const usual = 'needed only for those that no registry has, and for nodes that reach none';
  expect(carried(['a:1'], [])?.note).toBe(usual);
  expect(carried([], ['b@sha256:12', 'sha256:34'])).toEqual({
    does: 'Carry over the images that the pods use',
    commands: [],
    note: `${usual}; without a tag, the only name that docker save hands on: b@sha256:12, sha256:34; docker tag what of it is needed, and save it by that`,
  });
  expect(carried([], [])).toBeUndefined();
  const many = Array.from({ length: 21 }, (_, index) => `a:${index}`);
  expect(carried(many, [])?.commands).toHaveLength(2);
});

it('onwards, asks the shim itself to remove what is left, and then whether anything is', () => {
  const all = commands(planToContainerd({ ...CRI_DOCKERD, endpoint: 'unix:///run/own.sock' }));
  const crictl = 'crictl --runtime-endpoint=unix:///run/own.sock';
  const at = all.indexOf(`${crictl} pods -q | xargs -r ${crictl} rmp -f`);
  expect(all.slice(at, at + 3)).toEqual([
    all[at],
    `${crictl} pods -q`,
    'systemctl disable --now dockershim.socket dockershim.service',
  ]);
});

it('onwards, starts anew the containerd that Docker has started, when its configuration is there', () => {
  const all = commands(planToContainerd(CRI_DOCKERD));
  const at = all.indexOf('containerd config default > /etc/containerd/config.toml');
  expect(all.slice(at + 1, at + 3)).toEqual(['systemctl enable containerd', 'systemctl restart containerd']);
});

it('is printed with numbers, and commands that can be copied', () => {
  const plan = { title: 'T', given: ['a fact'], steps: [{ does: 'Do it', commands: ['x --y'], note: 'with care' }] };
  expect(planText(plan)).toBe('T\n\n  · a fact\n\n1. Do it.\n   (with care)\n       x --y\n');
});
