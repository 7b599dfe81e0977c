import type { LinuxPodSandboxConfig, PodSandboxMetadata } from '../../../generated/runtime/v1/api';
import { NamespaceMode, PodSandboxConfig, WindowsPodSandboxConfig } from '../../../generated/runtime/v1/api';
import type { ContainerCreate, HostConfig } from '../../../src/docker/types';
import { checkSandboxConfig, sandboxBody, type SandboxSurroundings } from '../../../src/translate/sandbox-config';
import { testFields, type FieldTable } from '../../support/field-table';
import { refusal } from '../../support/refusal';

type Given = Parameters<typeof PodSandboxConfig.fromPartial>[0];

const MINIMAL: Given = { metadata: { name: 'web', namespace: 'shop', uid: '1' } };
const LABELS = {
  'io.kubernetes.docker.type': 'podsandbox',
  'io.kubernetes.container.name': 'POD',
  'io.kubernetes.dockershim.keys': '{"of":"","labels":[],"annotations":[]}',
};

const AROUND: SandboxSurroundings = {
  image: 'pause:1',
  cgroupDriver: 'cgroupfs',
  podNetwork: 'default',
  lowestOomScore: -1000,
  runtime: '',
  seccomp: { kind: 'engine default' },
};

const ABILITIES = { seccomp: true, appArmor: true };

function translate(given: Given, around: Partial<SandboxSurroundings> = {}): ContainerCreate {
  return sandboxBody(checkSandboxConfig(PodSandboxConfig.fromPartial(given), ABILITIES), { ...AROUND, ...around });
}

/** What the smallest configuration comes to, with what a field changes of it, and nothing else. */
function body(changed: Partial<ContainerCreate> = {}, host: HostConfig = {}): ContainerCreate {
  return {
    Image: 'pause:1',
    Labels: LABELS,
    ...changed,
    HostConfig: {
      NetworkMode: 'default',
      IpcMode: 'shareable',
      SecurityOpt: ['no-new-privileges'],
      CpuShares: 2,
      MemorySwap: 0,
      OomScoreAdj: -998,
      ShmSize: 67_108_864,
      RestartPolicy: { Name: 'no' },
      ...host,
    },
  };
}

function keys(labels: string, annotations: string): Record<string, string> {
  return { 'io.kubernetes.dockershim.keys': `{"of":"","labels":[${labels}],"annotations":[${annotations}]}` };
}

const LONGEST = 'a'.repeat(64);

const FIELDS: FieldTable<PodSandboxConfig, Given, ContainerCreate> = {
  metadata: [
    [{}, body()],
    [{ metadata: undefined }, /^InvalidArgument: config\.metadata is missing/],
  ],
  hostname: [
    [{ hostname: 'web-0.shop' }, body({ Hostname: 'web-0.shop' })],
    [{ hostname: LONGEST }, body({ Hostname: LONGEST })],
    [{ hostname: `${LONGEST}a` }, /^InvalidArgument: config\.hostname must be a host name of at most 64/],
    [{ hostname: 'web\n' }, /^InvalidArgument: config\.hostname/],
    [{ hostname: '-web' }, /^InvalidArgument: config\.hostname/],
    [{ hostname: 'web 0' }, /^InvalidArgument: config\.hostname/],
  ],
  logDirectory: [
    [{ logDirectory: '/var/log/pods/web' }, body()],
    [{ logDirectory: '/var/log\n' }, /^InvalidArgument: config\.log_directory has a control character/],
  ],
  dnsConfig: [
    // It is written to resolv.conf once the sandbox runs.
    [{ dnsConfig: { servers: ['10.96.0.10'] } }, body()],
    [{ dnsConfig: { searches: ['a b'] } }, /^InvalidArgument: dns_config\.searches/],
  ],
  portMappings: [
    [
      { portMappings: [{ containerPort: 80, hostPort: 8080 }] },
      body({ ExposedPorts: { '80/tcp': {} } }, { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] } }),
    ],
    [{ portMappings: [{ containerPort: 80 }, { containerPort: -1 }] }, /^InvalidArgument: port_mappings\.container_p/],
  ],
  labels: [
    [{ labels: { tier: 'web' } }, body({ Labels: { ...LABELS, tier: 'web', ...keys('"tier"', '') } })],
    [{ labels: { 'io.kubernetes.docker.type': 'container' } }, /^InvalidArgument: config\.labels may not have io\.kub/],
  ],
  annotations: [
    [{ annotations: { seen: '1' } }, body({ Labels: { ...LABELS, 'annotation.seen': '1', ...keys('', '"seen"') } })],
  ],
  linux: [[{ linux: {} }, body()]],
  windows: [
    [{ windows: WindowsPodSandboxConfig.fromPartial({}) }, /^InvalidArgument: config\.windows is for Windows nodes/],
  ],
};

testFields(FIELDS, (given) => translate({ ...MINIMAL, ...given }));

it('no configuration at all', () => {
  expect(refusal(() => checkSandboxConfig(undefined, ABILITIES))).toBe('InvalidArgument: config is missing');
});

describe('metadata', () => {
  type GivenMetadata = Parameters<typeof PodSandboxMetadata.fromPartial>[0];

  const METADATA: FieldTable<PodSandboxMetadata, GivenMetadata, ContainerCreate> = {
    name: [
      [{ name: 'web-0.x' }, body()],
      [{ uid: '1' }, /^InvalidArgument: config\.metadata\.name is missing/],
      [{ name: 'a_b' }, /^InvalidArgument: config\.metadata\.name may only have letters/],
    ],
    namespace: [
      [{ name: 'web', namespace: 'shop' }, body()],
      [{ name: 'web', namespace: 'a/b' }, /^InvalidArgument: config\.metadata\.namespace may only have letters/],
    ],
    uid: [
      [{ name: 'web', uid: '0f5d-6a1e' }, body()],
      [{ name: 'web', uid: 'a\0' }, /^InvalidArgument: config\.metadata\.uid may only have letters/],
    ],
    // It is in the name alone.
    attempt: [[{ name: 'web', attempt: 4 }, body()]],
  };

  testFields(METADATA, (metadata) => translate({ metadata }));
});

describe('linux', () => {
  type GivenLinux = Parameters<typeof LinuxPodSandboxConfig.fromPartial>[0];

  const LINUX: FieldTable<LinuxPodSandboxConfig, GivenLinux, ContainerCreate> = {
    cgroupParent: [
      [{ cgroupParent: '/kubepods/pod1' }, body({}, { CgroupParent: '/kubepods/pod1' })],
      [{ cgroupParent: '/../pod1' }, /^InvalidArgument: linux\.cgroup_parent must not have/],
    ],
    securityContext: [
      [
        { securityContext: { runAsUser: { value: 7n }, namespaceOptions: { network: NamespaceMode.NODE } } },
        body({ User: '7' }, { NetworkMode: 'host', Privileged: false, ReadonlyRootfs: false }),
      ],
      [{ securityContext: { runAsUser: { value: -7n } } }, /^InvalidArgument: linux\.security_context\.run_as_user/],
    ],
    sysctls: [
      [{ sysctls: { 'net.core.somaxconn': '1' } }, body({}, { Sysctls: { 'net.core.somaxconn': '1' } })],
      [{ sysctls: { 'net.core.somaxconn': '1+2' } }, /^InvalidArgument: linux\.sysctls net\.core\.somaxconn/],
    ],
    // What the kubelet tells of the pod as a whole is in the pod's cgroup, which it has made itself.
    overhead: [
      [{ overhead: { cpuShares: 10n, memoryLimitInBytes: 64n } }, body()],
      // The kubelet says here what it has set on the pod's cgroup.
      [{ overhead: { unified: { 'memory.oom.group': '1' } } }, body()],
      [{ overhead: { memoryLimitInBytes: -2n } }, /^InvalidArgument: config\.linux\.overhead\.memory_limit_in_bytes/],
    ],
    resources: [
      [{ resources: { cpuShares: 10n, memoryLimitInBytes: 64n } }, body()],
      [{ resources: { cpuPeriod: -1n } }, /^InvalidArgument: config\.linux\.resources\.cpu_period/],
    ],
  };

  testFields(LINUX, (linux) => translate({ ...MINIMAL, linux }));
});

describe('the surroundings', () => {
  it.each<[string, Partial<SandboxSurroundings>, Partial<ContainerCreate>, HostConfig]>([
    ['the pause image', { image: 'mine:2' }, { Image: 'mine:2' }, {}],
    ['the network of the pods', { podNetwork: 'none' }, {}, { NetworkMode: 'none' }],
    ['a runtime', { runtime: 'kata' }, {}, { Runtime: 'kata' }],
    ['a host that lets no score sink', { lowestOomScore: 0 }, {}, { OomScoreAdj: 0 }],
    ['a host that lets it sink less', { lowestOomScore: -500 }, {}, { OomScoreAdj: -500 }],
    ['seccomp', { seccomp: { kind: 'unconfined' } }, {}, { SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'] }],
  ])('%s', (_what, around, changed, host) => {
    expect(translate(MINIMAL, around)).toEqual(body(changed, host));
  });

  it('a cgroup parent of systemd', () => {
    const linux = { cgroupParent: '/kubepods.slice/kubepods-pod1.slice' };
    expect(translate({ ...MINIMAL, linux }, { cgroupDriver: 'systemd' })).toEqual(
      body({}, { CgroupParent: 'kubepods-pod1.slice' }),
    );
  });
});
