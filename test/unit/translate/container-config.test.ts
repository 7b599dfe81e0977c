import type { ContainerMetadata, ImageSpec, KeyValue, LinuxContainerConfig } from '../../../generated/runtime/v1/api';
import {
  ContainerConfig,
  NamespaceMode,
  PodSandboxConfig,
  Signal,
  WindowsContainerConfig,
} from '../../../generated/runtime/v1/api';
import type { ContainerCreate, HostConfig } from '../../../src/docker/types';
import {
  checkContainerConfig,
  containerBody,
  logPathOf,
  type ContainerAbilities,
  type ContainerSurroundings,
} from '../../../src/translate/container-config';
import { testFields, type FieldTable } from '../../support/field-table';
import { refusal } from '../../support/refusal';

type Given = Parameters<typeof ContainerConfig.fromPartial>[0];

const ID = '1'.repeat(64);
const SANDBOX = `container:${ID}`;
const ABILITIES: ContainerAbilities = {
  readOnlyReach: true,
  recursiveReadOnly: true,
  imageMounts: true,
  cdi: true,
  selinux: true,
  seccomp: true,
  appArmor: true,
  cgroupV2: true,
  swapLimit: true,
  hugepageSizes: ['2MB'],
  engine: '28.0.1',
};
const POD = PodSandboxConfig.fromPartial({ logDirectory: '/var/log/pods/web' });
const MINIMAL: Given = { metadata: { name: 'app' }, image: { image: 'busybox:1' } };
const LABELS = {
  'io.kubernetes.docker.type': 'container',
  'io.kubernetes.sandbox.id': ID,
  'io.kubernetes.container.logpath': '',
  'io.kubernetes.dockershim.cgroup': '{}',
  ...keys('', ''),
};

const AROUND: ContainerSurroundings = {
  sandboxId: ID,
  sandboxConfig: POD,
  runtime: '',
  cgroupDriver: 'cgroupfs',
  selinuxLevel: '',
  lowestOomScore: -1000,
  seccomp: { kind: 'engine default' },
  abilities: ABILITIES,
  account: undefined,
  logConfig: undefined,
};

/** The label that says which labels are CRI's. */
function keys(labels: string, annotations: string): Record<string, string> {
  return { 'io.kubernetes.dockershim.keys': `{"of":"${ID}","labels":[${labels}],"annotations":[${annotations}]}` };
}

function translate(given: Given, around: Partial<ContainerSurroundings> = {}): ContainerCreate {
  const all = { ...AROUND, ...around };
  const config = checkContainerConfig(ContainerConfig.fromPartial(given), all.sandboxConfig, all.abilities);
  return containerBody(config, all);
}

/** What the smallest configuration comes to, with what a field changes of it, and nothing else. */
function body(changed: Partial<ContainerCreate> = {}, host: HostConfig = {}): ContainerCreate {
  return {
    Image: 'busybox:1',
    Labels: LABELS,
    Env: [],
    WorkingDir: '',
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Healthcheck: { Test: ['NONE'] },
    ...changed,
    HostConfig: {
      NetworkMode: SANDBOX,
      IpcMode: SANDBOX,
      PidMode: SANDBOX,
      SecurityOpt: [],
      Mounts: [],
      OomScoreAdj: 0,
      ShmSize: 67_108_864,
      RestartPolicy: { Name: 'no' },
      Devices: [],
      ...host,
    },
  };
}

/** What an empty security context says beside the rest. */
const SECURITY: HostConfig = {
  Privileged: false,
  ReadonlyRootfs: false,
  CapAdd: [],
  CapDrop: [],
  MaskedPaths: [],
  ReadonlyPaths: [],
};

const FIELDS: FieldTable<ContainerConfig, Given, ContainerCreate> = {
  metadata: [
    [{}, body()],
    [{ metadata: undefined }, /^InvalidArgument: config\.metadata is missing/],
  ],
  image: [
    [{ image: { image: `sha256:${ID}` } }, body({ Image: `sha256:${ID}` })],
    [{ image: undefined }, /^InvalidArgument: config\.image is missing/],
  ],
  command: [[{ command: ['sh', '-c', 'exit 1'] }, body({ Entrypoint: ['sh', '-c', 'exit 1'] })]],
  args: [
    [{ args: ['-v'] }, body({ Cmd: ['-v'] })],
    [{ command: ['sh'], args: ['-c', ''] }, body({ Entrypoint: ['sh'], Cmd: ['-c', ''] })],
  ],
  workingDir: [
    [{ workingDir: '/srv' }, body({ WorkingDir: '/srv' })],
    [{ workingDir: 'srv' }, /^InvalidArgument: config\.working_dir must be an absolute path, not "srv"/],
    [{ workingDir: '/srv\n' }, /^InvalidArgument: config\.working_dir has a control character/],
  ],
  envs: [
    [
      { envs: [{ key: 'B', value: Buffer.from('2=3') }, { key: 'A', value: Buffer.from('ä\n') }, { key: 'EMPTY' }] },
      body({ Env: ['B=2=3', 'A=ä\n', 'EMPTY='] }),
    ],
  ],
  mounts: [
    [
      { mounts: [{ containerPath: '/data', hostPath: '/srv' }] },
      body(
        {},
        {
          Mounts: [
            { Type: 'bind', Source: '/srv', Target: '/data', ReadOnly: false, BindOptions: { CreateMountpoint: true } },
          ],
        },
      ),
    ],
    [
      {
        mounts: [
          { containerPath: '/a', hostPath: '/srv' },
          { containerPath: '/b', hostPath: 'srv' },
        ],
      },
      /^InvalidArgument: mount \/b: host_path must be an absolute path/,
    ],
  ],
  devices: [
    [
      { devices: [{ hostPath: '/dev/fuse', containerPath: '/dev/f', permissions: 'rw' }] },
      body({}, { Devices: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/f', CgroupPermissions: 'rw' }] }),
    ],
  ],
  labels: [
    [{ labels: { tier: 'web' } }, body({ Labels: { ...LABELS, tier: 'web', ...keys('"tier"', '') } })],
    [{ labels: { 'io.kubernetes.dockershim.cgroup': '{}' } }, /^InvalidArgument: config\.labels may not have io\.kub/],
  ],
  annotations: [
    [{ annotations: { hash: '1' } }, body({ Labels: { ...LABELS, 'annotation.hash': '1', ...keys('', '"hash"') } })],
  ],
  logPath: [
    [
      { logPath: 'app/0.log' },
      body({ Labels: { ...LABELS, 'io.kubernetes.container.logpath': '/var/log/pods/web/app/0.log' } }),
    ],
    [{ logPath: '../other/0.log' }, /^InvalidArgument: config\.log_path must not have "\.\." in it/],
    [{ logPath: 'app/..' }, /^InvalidArgument: config\.log_path must not have "\.\." in it/],
    [{ logPath: '0.log\0' }, /^InvalidArgument: config\.log_path has a control character/],
  ],
  stdin: [[{ stdin: true }, body({ OpenStdin: true })]],
  stdinOnce: [[{ stdinOnce: true }, body({ StdinOnce: true })]],
  tty: [[{ tty: true }, body({ Tty: true })]],
  linux: [[{ linux: {} }, body()]],
  windows: [
    [{ windows: WindowsContainerConfig.fromPartial({}) }, /^InvalidArgument: config\.windows is for Windows nodes/],
  ],
  CDIDevices: [
    [
      { CDIDevices: [{ name: 'vendor.com/gpu=0' }, { name: 'vendor.com/gpu=1' }] },
      body(
        {},
        {
          DeviceRequests: [
            { Driver: 'cdi', DeviceIDs: ['vendor.com/gpu=0'] },
            { Driver: 'cdi', DeviceIDs: ['vendor.com/gpu=1'] },
          ],
        },
      ),
    ],
  ],
  stopSignal: [
    [{ stopSignal: Signal.SIGNAL_RUNTIME_DEFAULT }, body()],
    [{ stopSignal: Signal.SIGNAL_SIGRTMINPLUS3 }, body({ StopSignal: 'SIGRTMIN+3' })],
    [{ stopSignal: 66 as Signal }, /^InvalidArgument: config\.stop_signal is unknown: 66/],
  ],
};

testFields(FIELDS, (given) => translate({ ...MINIMAL, ...given }));

it('no configuration at all', () => {
  expect(refusal(() => checkContainerConfig(undefined, POD, ABILITIES))).toBe('InvalidArgument: config is missing');
});

describe('linux', () => {
  type GivenLinux = Parameters<typeof LinuxContainerConfig.fromPartial>[0];

  const LINUX: FieldTable<LinuxContainerConfig, GivenLinux, ContainerCreate> = {
    resources: [
      [{ resources: { memoryLimitInBytes: 8_000_000n } }, body({}, { Memory: 8_000_000, MemorySwap: 8_000_000 })],
      [
        { resources: { unified: { 'memory.high': '1' } } },
        body({ Labels: { ...LABELS, 'io.kubernetes.dockershim.cgroup': '{"memory.high":"1"}' } }),
      ],
      [{ resources: { oomScoreAdj: -997n } }, body({}, { OomScoreAdj: -997 })],
      [{ resources: { cpuShares: -1n } }, /^InvalidArgument: config\.linux\.resources\.cpu_shares/],
    ],
    securityContext: [
      [
        { securityContext: { runAsUser: { value: 7n }, namespaceOptions: { pid: NamespaceMode.NODE } } },
        body({ User: '7' }, { PidMode: 'host', ...SECURITY }),
      ],
      [{ securityContext: { runAsUser: { value: -7n } } }, /^InvalidArgument: linux\.security_context\.run_as_user/],
    ],
  };

  testFields(LINUX, (linux) => translate({ ...MINIMAL, linux }));
});

describe('metadata', () => {
  type GivenMetadata = Parameters<typeof ContainerMetadata.fromPartial>[0];

  const METADATA: FieldTable<ContainerMetadata, GivenMetadata, ContainerCreate> = {
    name: [
      [{ name: 'app-1.x' }, body()],
      [{}, /^InvalidArgument: config\.metadata\.name is missing/],
      [{ name: 'a_b' }, /^InvalidArgument: config\.metadata\.name may only have letters/],
      [{ name: 'a\nb' }, /^InvalidArgument: config\.metadata\.name may only have letters/],
    ],
    // It is in the name alone.
    attempt: [[{ name: 'app', attempt: 3 }, body()]],
  };

  testFields(METADATA, (metadata) => translate({ ...MINIMAL, metadata }));
});

describe('image', () => {
  type GivenImage = Parameters<typeof ImageSpec.fromPartial>[0];

  const IMAGE: FieldTable<ImageSpec, GivenImage, ContainerCreate> = {
    image: [
      [{}, /^InvalidArgument: config\.image is missing/],
      [{ image: 'a\nb' }, /^InvalidArgument: config\.image\.image: "a\\nb" is no image reference/],
      [{ image: 'a b' }, /^InvalidArgument: config\.image\.image: "a b" is no image reference/],
      [{ image: 'busybox?all=1' }, /^InvalidArgument: config\.image\.image: "busybox\?all=1" is no image reference/],
      [{ image: '../containers/x' }, /^InvalidArgument: config\.image\.image: .* is no image reference/],
    ],
    // What the image was asked for as, and how it was pulled, is no matter of the container's.
    annotations: [[{ image: 'busybox:1', annotations: { a: 'b' } }, body()]],
    userSpecifiedImage: [[{ image: 'busybox:1', userSpecifiedImage: 'busybox' }, body()]],
    runtimeHandler: [[{ image: 'busybox:1', runtimeHandler: 'kata' }, body()]],
    imageRef: [[{ image: 'busybox:1', imageRef: 'sha256:1' }, body()]],
  };

  testFields(IMAGE, (image) => translate({ ...MINIMAL, image }));
});

describe('an environment variable', () => {
  type GivenVariable = Parameters<typeof KeyValue.fromPartial>[0];

  const VARIABLE: FieldTable<KeyValue, GivenVariable, string[]> = {
    key: [
      [{ key: 'A.b-c' }, ['A.b-c=']],
      [{}, /^InvalidArgument: config\.envs has no proper name in ""/],
      [{ key: 'A=B' }, /^InvalidArgument: config\.envs has no proper name in "A=B"/],
      [{ key: 'A\0' }, /^InvalidArgument: config\.envs has no proper name/],
    ],
    value: [
      [{ key: 'A', value: Buffer.from('日本') }, ['A=日本']],
      [{ key: 'A', value: Buffer.from('\ufeffx') }, ['A=\ufeffx']],
      [{ key: 'A', value: Buffer.from('a\0b') }, /^InvalidArgument: config\.envs A has a zero byte/],
      [{ key: 'A', value: Buffer.from([0xff]) }, /^InvalidArgument: config\.envs A is not UTF-8/],
    ],
  };

  testFields(VARIABLE, (variable) => translate({ ...MINIMAL, envs: [variable] }).Env);
});

describe('the surroundings', () => {
  it.each<[string, Partial<ContainerSurroundings>, HostConfig]>([
    ['the runtime of the sandbox', { runtime: 'kata' }, { Runtime: 'kata' }],
    ['a profile', { seccomp: { kind: 'profile', json: '{}' } }, { SecurityOpt: ['seccomp={}'] }],
    ['a host that lets no score sink', { lowestOomScore: 100 }, { OomScoreAdj: 100 }],
    [
      'a cgroup parent',
      { sandboxConfig: PodSandboxConfig.fromPartial({ linux: { cgroupParent: '/kubepods/pod1' } }) },
      { CgroupParent: '/kubepods/pod1' },
    ],
    [
      'a cgroup parent of systemd',
      {
        sandboxConfig: PodSandboxConfig.fromPartial({ linux: { cgroupParent: '/a.slice/a-b.slice' } }),
        cgroupDriver: 'systemd',
      },
      { CgroupParent: 'a-b.slice' },
    ],
    ['no pod configuration', { sandboxConfig: undefined }, {}],
  ])('%s', (_what, around, host) => {
    expect(translate(MINIMAL, around)).toEqual(body({}, host));
  });

  it("the SELinux level of the pod is every container's", () => {
    const linux = { securityContext: { selinuxOptions: { type: 'spc_t' } } };
    const { SecurityOpt } = translate({ ...MINIMAL, linux }, { selinuxLevel: 's0:c1,c2' }).HostConfig;
    expect(SecurityOpt).toEqual(['label=type:spc_t', 'label=level:s0:c1,c2']);
  });

  it.each([
    [
      { logDirectory: 'logs' },
      /^InvalidArgument: sandbox_config\.log_directory must be an absolute path without "\.\.": "logs"/,
    ],
    [
      { logDirectory: '/logs/../etc' },
      /^InvalidArgument: sandbox_config\.log_directory must be an absolute path without/,
    ],
    [{ logDirectory: '/logs\n' }, /^InvalidArgument: sandbox_config\.log_directory has a control character/],
    [{ linux: { cgroupParent: '/a/../..' } }, /^InvalidArgument: linux\.cgroup_parent must not have/],
  ])('the pod configuration %j is refused', (pod, sentence) => {
    const sandboxConfig = PodSandboxConfig.fromPartial(pod);
    expect(refusal(() => translate(MINIMAL, { sandboxConfig }))).toMatch(sentence);
  });
});

it.each([
  ['', '/var/log/pods/web', ''],
  ['0.log', '', ''],
  ['0.log', '/var/log/pods/web', '/var/log/pods/web/0.log'],
  ['/0.log', '/var/log/pods/web/', '/var/log/pods/web/0.log'],
])('the log %j below %j is at %j', (logPath, logDirectory, path) => {
  const config = ContainerConfig.fromPartial({ logPath });
  expect(logPathOf(config, PodSandboxConfig.fromPartial({ logDirectory }))).toBe(path);
});
