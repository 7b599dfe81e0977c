import type { MethodDefinition } from '@grpc/grpc-js';
import { randomBytes } from 'node:crypto';
import {
  CreateContainerRequest,
  MountPropagation,
  NamespaceMode,
  RunPodSandboxRequest,
  RuntimeServiceService as Runtime,
  SecurityProfile_ProfileType as ProfileType,
  type Signal,
  UpdateContainerResourcesRequest,
} from '../../generated/runtime/v1/api';
import { docker, inspect } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type ContainerParts, type PodParts, type TestPod } from '../support/test-pods';

/** Whatever a client sends: the right code, a sentence that names the field, nothing made and nothing touched. */
jest.setTimeout(60_000);

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;
let container: string;
/** Somebody else's container, with a name that could be an id: Docker takes names where it takes ids. */
let foreign: string;
const foreignName = randomBytes(8).toString('hex');

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  pod = await pods.run();
  container = await pods.started(pod);
  // Seventeen ids begin with sixteen digits: one digit must come twice.
  for (let more = 0; more < 17; more += 1) await pods.create(pod);
  foreign = await docker('run', '--detach', '--name', foreignName, pods.image, 'sleep', '3600');
});

afterAll(async () => {
  await docker('rm', '--force', foreignName);
  await shim.stop();
});

type Code = Parameters<typeof refusal>[0];

/** The tests of this block refuse all that they try, so there are as many containers behind them as before. */
function leavesNoContainer(): void {
  const list = () => docker('ps', '--all', '--quiet', '--filter', `name=${shim.runName}`);
  let before: string;
  beforeAll(async () => {
    before = await list();
  });
  afterAll(async () => expect(await list()).toBe(before));
}

const metadata = (parts: { name?: string; namespace?: string; uid?: string }): PodParts => ({
  metadata: { name: 'bad', namespace: shim.runName, uid: 'u', attempt: 0, ...parts },
});
const security = (securityContext: object): { linux: object } => ({ linux: { securityContext } });
const namespaces = (namespaceOptions: object) => security({ namespaceOptions });
const resources = (values: object): ContainerParts => ({ linux: { resources: values } });
const mount = (values: object): ContainerParts => ({
  mounts: [{ containerPath: '/data', hostPath: '/tmp', ...values }],
});

describe('RunPodSandbox refuses', () => {
  it('a request without a configuration, and one without metadata', async () => {
    const run = (config?: PodParts) => shim.call(Runtime.runPodSandbox, RunPodSandboxRequest.fromPartial({ config }));

    await expect(run()).rejects.toMatchObject(refusal('INVALID_ARGUMENT', /^config is missing/));
    await expect(run({ hostname: 'x' })).rejects.toMatchObject(
      refusal('INVALID_ARGUMENT', /config\.metadata is missing/),
    );
  });

  const cases: [what: string, parts: () => PodParts, code: Code, words: RegExp][] = [
    ['no name', () => metadata({ name: '' }), 'INVALID_ARGUMENT', /config\.metadata\.name is missing/],
    ['an underscore in the name', () => metadata({ name: 'a_b' }), 'INVALID_ARGUMENT', /metadata\.name .*"a_b"/],
    ['a line end in the name', () => metadata({ name: 'a\n' }), 'INVALID_ARGUMENT', /metadata\.name/],
    ['a slash in the namespace', () => metadata({ namespace: '../x' }), 'INVALID_ARGUMENT', /metadata\.namespace/],
    ['a zero in the uid', () => metadata({ uid: 'a\0b' }), 'INVALID_ARGUMENT', /metadata\.uid/],
    ['a blank in the hostname', () => ({ hostname: 'a b' }), 'INVALID_ARGUMENT', /config\.hostname/],
    ['a line end in the hostname', () => ({ hostname: 'a\nb' }), 'INVALID_ARGUMENT', /config\.hostname/],
    ['a hostname of 65 letters', () => ({ hostname: 'a'.repeat(65) }), 'INVALID_ARGUMENT', /config\.hostname/],
    [
      'a control character in the log directory',
      () => ({ logDirectory: '/x\u0007' }),
      'INVALID_ARGUMENT',
      /log_directory/,
    ],
    ['a line end in a DNS server', () => ({ dnsConfig: { servers: ['1.1.1.1\nx'] } }), 'INVALID_ARGUMENT', /servers/],
    ['a blank in a DNS search', () => ({ dnsConfig: { searches: ['a b'] } }), 'INVALID_ARGUMENT', /searches/],
    ['an empty DNS option', () => ({ dnsConfig: { options: [''] } }), 'INVALID_ARGUMENT', /options/],
    ['a port of 65536', () => ({ portMappings: [{ containerPort: 65_536 }] }), 'INVALID_ARGUMENT', /container_port/],
    [
      'a negative host port',
      () => ({ portMappings: [{ containerPort: 1, hostPort: -1 }] }),
      'INVALID_ARGUMENT',
      /host_port/,
    ],
    ['a host port for nothing', () => ({ portMappings: [{ hostPort: 80 }] }), 'INVALID_ARGUMENT', /container_port/],
    [
      'a host name as host address',
      () => ({ portMappings: [{ containerPort: 1, hostPort: 1, hostIp: 'localhost' }] }),
      'INVALID_ARGUMENT',
      /host_ip/,
    ],
    ['a protocol of 7', () => ({ portMappings: [{ containerPort: 1, protocol: 7 }] }), 'INVALID_ARGUMENT', /protocol/],
    ['a cgroup outside', () => ({ linux: { cgroupParent: '/a/../../b' } }), 'INVALID_ARGUMENT', /cgroup_parent/],
    [
      'a sysctl with a plus',
      () => ({ linux: { sysctls: { 'kernel.x': '1+kernel.y=2' } } }),
      'INVALID_ARGUMENT',
      /sysctls/,
    ],
    ['a sysctl without a dot', () => ({ linux: { sysctls: { x: '1' } } }), 'INVALID_ARGUMENT', /sysctls/],
    ['a sysctl of the node', () => ({ linux: { sysctls: { 'vm.swappiness': '1' } } }), 'INVALID_ARGUMENT', /vm\.swapp/],
    [
      "a sysctl in the node's network",
      () => ({
        linux: {
          sysctls: { 'net.core.somaxconn': '1' },
          securityContext: { namespaceOptions: { network: NamespaceMode.NODE } },
        },
      }),
      'INVALID_ARGUMENT',
      /net\.core\.somaxconn/,
    ],
    [
      'the network of a container',
      () => namespaces({ network: NamespaceMode.CONTAINER }),
      'INVALID_ARGUMENT',
      /network/,
    ],
    [
      'a user namespace',
      () => namespaces({ usernsOptions: { mode: NamespaceMode.POD } }),
      'UNIMPLEMENTED',
      /userns_options/,
    ],
    ['a negative user', () => security({ runAsUser: { value: -1n } }), 'INVALID_ARGUMENT', /run_as_user/],
    ['a group without a user', () => security({ runAsGroup: { value: 1n } }), 'INVALID_ARGUMENT', /run_as_group/],
    [
      'a seccomp profile that is not there',
      () => security({ seccomp: { profileType: ProfileType.Localhost, localhostRef: '/no/such/profile.json' } }),
      'INVALID_ARGUMENT',
      /\/no\/such\/profile\.json/,
    ],
    [
      'a relative seccomp profile',
      () => security({ seccomp: { profileType: ProfileType.Localhost, localhostRef: 'profile.json' } }),
      'INVALID_ARGUMENT',
      /localhost_ref/,
    ],
    ['Windows', () => ({ windows: {} }), 'INVALID_ARGUMENT', /windows/],
  ];

  leavesNoContainer();

  it.each(cases)('%s', async (_what, parts, code, words) => {
    await expect(pods.run(parts())).rejects.toMatchObject(refusal(code, words));
  });
});

describe('CreateContainer refuses', () => {
  it('a request without a configuration', async () => {
    const request = CreateContainerRequest.fromPartial({ podSandboxId: pod.id, sandboxConfig: pod.config });

    await expect(shim.call(Runtime.createContainer, request)).rejects.toMatchObject(
      refusal('INVALID_ARGUMENT', /^config is missing/),
    );
  });

  const cases: [what: string, parts: () => ContainerParts, code: Code, words: RegExp][] = [
    ['no metadata', () => ({ metadata: undefined }), 'INVALID_ARGUMENT', /config\.metadata is missing/],
    ['no name', () => ({ metadata: { name: '' } }), 'INVALID_ARGUMENT', /config\.metadata\.name is missing/],
    ['an underscore in the name', () => ({ metadata: { name: 'a_b' } }), 'INVALID_ARGUMENT', /metadata\.name/],
    ['no image', () => ({ image: undefined }), 'INVALID_ARGUMENT', /config\.image is missing/],
    ['an image without a name', () => ({ image: { image: '' } }), 'INVALID_ARGUMENT', /config\.image is missing/],
    ['a line end in the image', () => ({ image: { image: 'a\nb' } }), 'INVALID_ARGUMENT', /config\.image/],
    [
      'a space in the image, whose users are to be looked up',
      () => ({ image: { image: 'a b' }, ...security({ runAsUser: { value: 7n } }) }),
      'INVALID_ARGUMENT',
      /config\.image\.image: "a b" is no image reference/,
    ],
    ['a working directory with a bell', () => ({ workingDir: '/\u0007' }), 'INVALID_ARGUMENT', /working_dir/],
    ['a log outside', () => ({ logPath: '../../etc/passwd' }), 'INVALID_ARGUMENT', /log_path/],
    ['a zero in the log path', () => ({ logPath: 'a\0' }), 'INVALID_ARGUMENT', /log_path/],
    ['a variable without a name', () => ({ envs: [{ key: '' }] }), 'INVALID_ARGUMENT', /envs/],
    ['a variable with = in its name', () => ({ envs: [{ key: 'a=b' }] }), 'INVALID_ARGUMENT', /envs/],
    [
      'a variable that is not UTF-8',
      () => ({ envs: [{ key: 'A', value: Buffer.from([0xff]) }] }),
      'INVALID_ARGUMENT',
      /envs A/,
    ],
    ['a mount to nowhere', () => mount({ containerPath: '' }), 'INVALID_ARGUMENT', /container_path is missing/],
    ['a mount of nothing', () => mount({ hostPath: '' }), 'INVALID_ARGUMENT', /host_path is missing/],
    [
      'a relative host path',
      () => mount({ hostPath: 'tmp' }),
      'INVALID_ARGUMENT',
      /host_path must be an absolute path/,
    ],
    ['a zero in a host path', () => mount({ hostPath: '/a\0b' }), 'INVALID_ARGUMENT', /host_path has a control/],
    ['a propagation of 9', () => mount({ propagation: 9 }), 'INVALID_ARGUMENT', /propagation/],
    [
      'recursive read-only that is not read-only',
      () => mount({ recursiveReadOnly: true }),
      'INVALID_ARGUMENT',
      /recursive/,
    ],
    [
      'recursive read-only that propagates',
      () => mount({ recursiveReadOnly: true, readonly: true, propagation: MountPropagation.PROPAGATION_BIDIRECTIONAL }),
      'INVALID_ARGUMENT',
      /recursive_read_only/,
    ],
    ['mount options', () => mount({ mountOptions: ['noexec'] }), 'UNIMPLEMENTED', /mount_options.*noexec/],
    ['mapped ids', () => mount({ uidMappings: [{ length: 1 }] }), 'UNIMPLEMENTED', /uidMappings/],
    ['a relative device', () => ({ devices: [{ hostPath: 'null' }] }), 'INVALID_ARGUMENT', /devices\.host_path/],
    [
      'device permissions of x',
      () => ({ devices: [{ hostPath: '/dev/null', permissions: 'x' }] }),
      'INVALID_ARGUMENT',
      /permissions/,
    ],
    ['negative CPU shares', () => resources({ cpuShares: -1n }), 'INVALID_ARGUMENT', /cpu_shares/],
    ['a negative CPU period', () => resources({ cpuPeriod: -1n }), 'INVALID_ARGUMENT', /cpu_period/],
    ['a CPU quota of -2', () => resources({ cpuQuota: -2n }), 'INVALID_ARGUMENT', /cpu_quota/],
    ['negative memory', () => resources({ memoryLimitInBytes: -2n }), 'INVALID_ARGUMENT', /memory_limit/],
    ['memory beyond counting', () => resources({ memoryLimitInBytes: 2n ** 62n }), 'INVALID_ARGUMENT', /memory_limit/],
    ['memory below what Docker takes', () => resources({ memoryLimitInBytes: 1n }), 'INVALID_ARGUMENT', /memory/i],
    ['an OOM score of 1001', () => resources({ oomScoreAdj: 1001n }), 'INVALID_ARGUMENT', /oom_score_adj/],
    ['words as a cpuset', () => resources({ cpusetCpus: 'all' }), 'INVALID_ARGUMENT', /cpuset_cpus/],
    ['a CPU that is not there', () => resources({ cpusetCpus: '4000' }), 'INVALID_ARGUMENT', /cpu/i],
    ['a negative user', () => security({ runAsUser: { value: -1n } }), 'INVALID_ARGUMENT', /run_as_user/],
    ['a user of 2^31', () => security({ runAsUser: { value: 2n ** 31n } }), 'INVALID_ARGUMENT', /run_as_user/],
    ['a group without a user', () => security({ runAsGroup: { value: 1n } }), 'INVALID_ARGUMENT', /run_as_group/],
    [
      'a negative further group',
      () => security({ supplementalGroups: [-5n] }),
      'INVALID_ARGUMENT',
      /supplemental_groups/,
    ],
    ['a line end in the user name', () => security({ runAsUsername: 'a\nb' }), 'INVALID_ARGUMENT', /run_as_username/],
    [
      'a user whom the image does not know',
      () => security({ runAsUsername: 'nobody-of-that-name' }),
      'INVALID_ARGUMENT',
      /nobody-of-that-name/,
    ],
    ['a group in the user name', () => security({ runAsUsername: 'www:0' }), 'INVALID_ARGUMENT', /run_as_username/],
    ['a user name of 2^32', () => security({ runAsUsername: '4294967296' }), 'INVALID_ARGUMENT', /run_as_username/],
    ['a relative masked path', () => security({ maskedPaths: ['proc'] }), 'INVALID_ARGUMENT', /masked_paths/],
    [
      'a read-only path with a bell',
      () => security({ readonlyPaths: ['/\u0007'] }),
      'INVALID_ARGUMENT',
      /readonly_paths/,
    ],
    ['two SELinux types', () => security({ selinuxOptions: { type: 'a:b' } }), 'INVALID_ARGUMENT', /selinux.*type/],
    [
      'a label of the shim',
      () => ({ labels: { 'io.kubernetes.sandbox.id': 'x' } }),
      'INVALID_ARGUMENT',
      /config\.labels/,
    ],
    [
      'a seccomp profile that is not there',
      () => security({ seccomp: { profileType: ProfileType.Localhost, localhostRef: '/no/such/profile.json' } }),
      'INVALID_ARGUMENT',
      /\/no\/such\/profile\.json/,
    ],
    [
      'an AppArmor profile by a name alone',
      () => security({ apparmorProfile: 'docker-default' }),
      'INVALID_ARGUMENT',
      /apparmor_profile must be/,
    ],
    [
      'ambient capabilities',
      () => security({ capabilities: { addAmbientCapabilities: ['CHOWN'] } }),
      'UNIMPLEMENTED',
      /ambient/,
    ],
    ['a PID namespace of 9', () => namespaces({ pid: 9 }), 'INVALID_ARGUMENT', /pid/],
    ['a target without an id', () => namespaces({ pid: NamespaceMode.TARGET }), 'INVALID_ARGUMENT', /target_id/],
    [
      'a target that is not there',
      () => namespaces({ pid: NamespaceMode.TARGET, targetId: 'e'.repeat(64) }),
      'INVALID_ARGUMENT',
      /target_id/,
    ],
    ['a stop signal of 1000', () => ({ stopSignal: 1000 as Signal }), 'INVALID_ARGUMENT', /stop_signal/],
    ['Windows', () => ({ windows: {} }), 'INVALID_ARGUMENT', /windows/],
  ];

  leavesNoContainer();

  it.each(cases)('%s', async (_what, parts, code, words) => {
    await expect(pods.create(pod, parts())).rejects.toMatchObject(refusal(code, words));
  });
});

describe('CreateContainer refuses', () => {
  it("the PID namespace of another pod's container, and of somebody else's", async () => {
    const other = await pods.started(await pods.run());

    for (const targetId of [other, foreign]) {
      await expect(pods.create(pod, namespaces({ pid: NamespaceMode.TARGET, targetId }))).rejects.toMatchObject(
        refusal('INVALID_ARGUMENT', /target_id/),
      );
    }
  });
});

describe('other calls refuse', () => {
  it('ExecSync: no command, a negative timeout', async () => {
    const exec = (cmd: string[], timeout: bigint) =>
      shim.call(Runtime.execSync, { containerId: container, cmd, timeout });

    await expect(exec([], 0n)).rejects.toMatchObject(refusal('INVALID_ARGUMENT', /^cmd is missing/));
    await expect(exec(['true'], -1n)).rejects.toMatchObject(refusal('INVALID_ARGUMENT', /timeout/));
  });

  it('StopContainer: a negative timeout', async () => {
    const call = shim.call(Runtime.stopContainer, { containerId: container, timeout: -1n });

    await expect(call).rejects.toMatchObject(refusal('INVALID_ARGUMENT', /timeout/));
    expect((await inspect(container)).State.Running).toBe(true);
  });

  it('UpdateContainerResources: nothing to update, negative values', async () => {
    const update = (linux?: object) => {
      const request = UpdateContainerResourcesRequest.fromPartial({ containerId: container, ...(linux && { linux }) });
      return shim.call(Runtime.updateContainerResources, request);
    };

    await expect(update()).rejects.toMatchObject(refusal('INVALID_ARGUMENT', /^linux is missing/));
    await expect(update({ cpuShares: -1n })).rejects.toMatchObject(refusal('INVALID_ARGUMENT', /linux\.cpu_shares/));
  });
});

async function running(...ids: string[]): Promise<boolean> {
  const states = await docker('container', 'inspect', '--format', '{{.State.Running}}', ...ids);
  return states.split('\n').every((state) => state === 'true');
}

/** The calls that take an id, with everything else in order. */
const ID_CALLS: [name: string, call: (id: string) => Promise<unknown>, onUnknown: 'succeeds' | 'NOT_FOUND'][] = [
  ['PodSandboxStatus', (id) => withId(Runtime.podSandboxStatus, { podSandboxId: id, verbose: false }), 'NOT_FOUND'],
  ['StopPodSandbox', (id) => withId(Runtime.stopPodSandbox, { podSandboxId: id }), 'succeeds'],
  ['RemovePodSandbox', (id) => withId(Runtime.removePodSandbox, { podSandboxId: id }), 'succeeds'],
  ['CreateContainer', (id) => pods.create({ id, config: pod.config }), 'NOT_FOUND'],
  ['StartContainer', (id) => withId(Runtime.startContainer, { containerId: id }), 'NOT_FOUND'],
  ['StopContainer', (id) => withId(Runtime.stopContainer, { containerId: id, timeout: 0n }), 'succeeds'],
  ['RemoveContainer', (id) => withId(Runtime.removeContainer, { containerId: id }), 'succeeds'],
  ['ContainerStatus', (id) => withId(Runtime.containerStatus, { containerId: id, verbose: false }), 'NOT_FOUND'],
  [
    'UpdateContainerResources',
    (id) => {
      const request = UpdateContainerResourcesRequest.fromPartial({ containerId: id, linux: { cpuShares: 100n } });
      return withId(Runtime.updateContainerResources, request);
    },
    'NOT_FOUND',
  ],
  ['ExecSync', (id) => withId(Runtime.execSync, { containerId: id, cmd: ['true'], timeout: 0n }), 'NOT_FOUND'],
];

function withId<Request, Response>(method: MethodDefinition<Request, Response>, request: Request): Promise<Response> {
  return shim.call(method, request);
}

describe.each(ID_CALLS)('%s', (_name, call, onUnknown) => {
  it('refuses a call without an id', async () => {
    await expect(call('')).rejects.toMatchObject(refusal('INVALID_ARGUMENT', /_id is missing/));
  });

  it(`${onUnknown === 'succeeds' ? 'does nothing' : 'is NotFound'} for what is unknown or somebody else's`, async () => {
    for (const id of ['e'.repeat(64), 'no/../id\n', 'a'.repeat(65), foreign, foreign.slice(0, 12), foreignName]) {
      if (onUnknown === 'succeeds') await expect(call(id)).resolves.toEqual({});
      else await expect(call(id)).rejects.toMatchObject(refusal('NOT_FOUND'));
    }

    expect(await running(foreign, pod.id, container)).toBe(true);
  });

  it('refuses the beginning of several ids', async () => {
    // Somebody else's container is none of those that an id can mean here.
    const ours = ['--filter', 'label=io.kubernetes.docker.type'];
    const rows = await docker('ps', '--all', '--quiet', '--no-trunc', ...ours);
    const heads = rows.split('\n').map((id) => id.slice(0, 1));
    const ambiguous = heads.find((head, index) => heads.indexOf(head) !== index);

    // In Docker's words for the calls that go there.
    const words = /several containers have ids that begin|multiple IDs/i;
    await expect(call(ambiguous ?? '')).rejects.toMatchObject(refusal('INVALID_ARGUMENT', words));

    expect(await running(pod.id, container)).toBe(true);
  });
});
