import { mkdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import {
  NamespaceMode,
  Protocol,
  RunPodSandboxRequest,
  RuntimeServiceService as Runtime,
  SecurityProfile_ProfileType as ProfileType,
} from '../../generated/runtime/v1/api';
import { BUILT_IN_PAUSE_IMAGE } from '../../src/sandbox/pause/image-archive';
import { docker, inspect, TEST_CGROUP } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

jest.setTimeout(60_000);

let shim: ShimUnderTest;
let pods: TestPods;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
});

afterAll(() => shim.stop());

/** A port that nobody listens on just now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What a server says to whoever connects; an empty text when nobody listens. */
function greeting(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, host);
    socket.setEncoding('utf8').on('data', (part: string) => (text += part));
    socket.on('error', () => resolve(''));
    socket.on('close', () => resolve(text));
  });
}

/** The greeting as soon as there is one: the server in the pod takes a moment to listen. */
async function firstGreeting(host: string, port: number): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const text = await greeting(host, port);
    if (text !== '') return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return '';
}

const greeter = (port: number, words: string) => ({
  command: ['sh', '-c', `while :; do echo ${words} | nc -l -p ${port}; done`],
});
const namespaceOf = (kind: string) => readlink(`/proc/self/ns/${kind}`);

describe('the host name', () => {
  it("is the pod's in its containers", async () => {
    const container = await pods.started(await pods.run({ hostname: 'web-0.example' }));

    expect(await pods.script(container, 'hostname; cat /etc/hostname')).toBe('web-0.example\nweb-0.example\n');
  });
});

describe('resolv.conf', () => {
  it("is the pod's in its containers, also in those on the host's network", async () => {
    const dnsConfig = { servers: ['10.96.0.10', 'fd00::10'], searches: ['a.local', 'b.local'], options: ['ndots:5'] };
    const text = 'nameserver 10.96.0.10\nnameserver fd00::10\nsearch a.local b.local\noptions ndots:5\n';
    const linux = { securityContext: { namespaceOptions: { network: NamespaceMode.NODE } } };

    const own = await pods.started(await pods.run({ dnsConfig }));
    const host = await pods.started(await pods.run({ dnsConfig, linux }), { linux });

    expect(await pods.script(own, 'cat /etc/resolv.conf')).toBe(text);
    expect(await pods.script(host, 'cat /etc/resolv.conf')).toBe(text);
  });

  it('is what Docker wrote when the pod asks for nothing', async () => {
    const pod = await pods.run({ dnsConfig: {} });
    const { ResolvConfPath: path = '' } = await inspect(pod.id);

    const container = await pods.started(pod);

    expect(await pods.script(container, 'cat /etc/resolv.conf')).toBe(await readFile(path, 'utf8'));
  });
});

it('sysctls are set in the namespaces of the pod', async () => {
  const sysctls = { 'net.ipv4.ip_unprivileged_port_start': '80', 'kernel.shm_rmid_forced': '1' };
  const container = await pods.started(await pods.run({ linux: { sysctls } }));

  const read = 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced';
  expect(await pods.script(container, read)).toBe('80\n1\n');
});

it('sandbox and containers are below the cgroup parent of the pod', async () => {
  const cgroupParent = `${TEST_CGROUP}/burstable/${shim.runName}`;
  const pod = await pods.run({ linux: { cgroupParent } });
  const container = await pods.started(pod);

  for (const id of [pod.id, container]) {
    const { HostConfig: host, State: state } = await inspect(id);
    expect(host.CgroupParent).toBe(cgroupParent);
    expect(await readFile(`/proc/${state.Pid}/cgroup`, 'utf8')).toContain(`${cgroupParent}/${id}`);
  }
});

describe('namespaces', () => {
  it("are the node's where the pod asks for it", async () => {
    const namespaceOptions = { network: NamespaceMode.NODE, pid: NamespaceMode.NODE, ipc: NamespaceMode.NODE };
    const linux = { securityContext: { namespaceOptions } };
    const pod = await pods.run({ hostname: 'not-used', linux });

    const container = await pods.started(pod, { linux });

    for (const kind of ['net', 'pid', 'ipc', 'uts']) {
      const inside = await pods.script(container, `readlink /proc/self/ns/${kind}`);
      expect([kind, inside.trim()]).toEqual([kind, await namespaceOf(kind)]);
    }
    expect(await pods.script(container, 'hostname')).toBe(`${hostname()}\n`);
    expect(await pods.sandboxStatus(pod.id)).toMatchObject({
      network: { ip: '' },
      linux: { namespaces: { options: namespaceOptions } },
    });
  });

  it("users are the node's, as newer kubelets say of every pod", async () => {
    const namespaceOptions = { usernsOptions: { mode: NamespaceMode.NODE } };
    const linux = { securityContext: { namespaceOptions } };
    const pod = await pods.run({ linux });

    const container = await pods.started(pod, { linux });

    expect((await pods.script(container, 'readlink /proc/self/ns/user')).trim()).toBe(await namespaceOf('user'));
    expect(await pods.sandboxStatus(pod.id)).toMatchObject({ linux: { namespaces: { options: namespaceOptions } } });
  });

  it("are the pod's own otherwise, and its containers share network and IPC", async () => {
    const pod = await pods.run();
    const [one, other] = [await pods.started(pod), await pods.started(pod)];

    for (const kind of ['net', 'ipc']) {
      const link = `readlink /proc/self/ns/${kind}`;
      const inside = await pods.script(one, link);
      expect(await pods.script(other, link)).toBe(inside);
      expect(inside.trim()).not.toBe(await namespaceOf(kind));
    }
  });

  it('PID: shared in the pod, one to a container, or that of another container', async () => {
    const pod = await pods.run();
    const withPid = (pid: NamespaceMode, targetId = '') => ({
      linux: { securityContext: { namespaceOptions: { pid, targetId } } },
    });
    const shared = await pods.started(pod, withPid(NamespaceMode.POD));
    const apart = await pods.started(pod, withPid(NamespaceMode.CONTAINER));
    const targeting = await pods.started(pod, withPid(NamespaceMode.TARGET, apart));

    expect(await pods.script(shared, 'cat /proc/1/comm')).toBe('pause\n');
    expect(await pods.script(apart, 'cat /proc/1/comm')).toBe('sleep\n');
    const link = 'readlink /proc/self/ns/pid';
    expect(await pods.script(targeting, link)).toBe(await pods.script(apart, link));
  });
});

describe('port mappings', () => {
  it('open ports of the host, which reach the pod, until it is stopped', async () => {
    const hostPort = await freePort();
    const pod = await pods.run({
      portMappings: [{ protocol: Protocol.TCP, containerPort: 8080, hostPort }, { containerPort: 9090 }],
    });
    await pods.started(pod, greeter(8080, 'hello'));

    expect(await firstGreeting('127.0.0.1', hostPort)).toBe('hello\n');

    await shim.call(Runtime.stopPodSandbox, { podSandboxId: pod.id });
    expect(await greeting('127.0.0.1', hostPort)).toBe('');
  });

  it('keep to the address that they name', async () => {
    const hostPort = await freePort();
    const pod = await pods.run({ portMappings: [{ containerPort: 8080, hostPort, hostIp: '127.0.0.2' }] });
    await pods.started(pod, greeter(8080, 'hello'));

    expect(await firstGreeting('127.0.0.2', hostPort)).toBe('hello\n');
    expect(await greeting('127.0.0.1', hostPort)).toBe('');
  });

  it('reach the pod by its own address too', async () => {
    const pod = await pods.run();
    await pods.started(pod, greeter(8080, 'direct'));

    const { network } = await pods.sandboxStatus(pod.id);

    expect(await firstGreeting(network?.ip ?? '', 8080)).toBe('direct\n');
  });
});

describe('runtime handlers', () => {
  const runWith = (runtimeHandler: string) => {
    const request = RunPodSandboxRequest.fromPartial({ config: pods.config(), runtimeHandler });
    return shim.call(Runtime.runPodSandbox, request);
  };

  it.each(['', 'docker', 'runc'])('%p is the engine’s runc', async (handler) => {
    const { podSandboxId } = await runWith(handler);

    expect((await inspect(podSandboxId)).HostConfig.Runtime).toBe('runc');
  });

  it('that Docker does not know are refused, with the names of those that it does', async () => {
    await expect(runWith('gvisor-perhaps')).rejects.toMatchObject(
      refusal('INVALID_ARGUMENT', /"gvisor-perhaps".*runc.*daemon\.json/),
    );
  });
});

describe('the security of the pause container', () => {
  it('is as the pod asks', async () => {
    const { id } = await pods.run({
      linux: {
        securityContext: {
          runAsUser: { value: 1001n },
          runAsGroup: { value: 1002n },
          supplementalGroups: [1003n, 1004n],
          readonlyRootfs: true,
          seccomp: { profileType: ProfileType.Unconfined },
        },
      },
    });

    const { Config: config, HostConfig: host } = await inspect(id);
    expect(config.User).toBe('1001:1002');
    expect(host).toMatchObject({
      GroupAdd: ['1003', '1004'],
      ReadonlyRootfs: true,
      SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'],
    });
  });

  it('is a seccomp profile from a file, with every key that it has', async () => {
    const profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdirat'], action: 'SCMP_ACT_ERRNO' }] };
    const path = `${shim.directory}/seccomp/profile.json`;
    await mkdir(`${shim.directory}/seccomp`);
    await writeFile(path, JSON.stringify(profile, null, 2));
    const seccomp = { profileType: ProfileType.Localhost, localhostRef: path };

    const { id } = await pods.run({ linux: { securityContext: { seccomp } } });

    expect((await inspect(id)).HostConfig.SecurityOpt).toContain(`seccomp=${JSON.stringify(profile)}`);
  });

  it('is none for a privileged one, whatever profile it names', async () => {
    const seccomp = { profileType: ProfileType.Localhost, localhostRef: '/no/such/profile.json' };

    const { id } = await pods.run({ linux: { securityContext: { privileged: true, seccomp } } });

    const { HostConfig: host, State: state } = await inspect(id);
    expect(host.Privileged).toBe(true);
    expect(host.SecurityOpt).not.toContainEqual(expect.stringContaining('seccomp'));
    expect(await readFile(`/proc/${state.Pid}/status`, 'utf8')).toMatch(/^Seccomp:\s+0$/m);
  });
});

describe('the pause image', () => {
  const imageOf = async (podSandboxId: string) => (await inspect(podSandboxId)).Config.Image;

  it('is the configured one when it is there', async () => {
    const own = `${shim.runName}/pause:1`;
    await pods.run();
    await docker('tag', BUILT_IN_PAUSE_IMAGE, own);
    const other = await ShimUnderTest.start(`--pod-infra-container-image=${own}`);
    try {
      const { id } = await (await TestPods.over(other)).run();

      expect(await imageOf(id)).toBe(own);
    } finally {
      await other.stop();
    }
  });

  it('is the built-in one when the configured one cannot be had', async () => {
    const other = await ShimUnderTest.start('--pod-infra-container-image=127.0.0.1:1/none/pause:0');
    try {
      const otherPods = await TestPods.over(other);
      const { id } = await otherPods.run();

      expect(await imageOf(id)).toBe(BUILT_IN_PAUSE_IMAGE);
      // The registry is not asked for each pod.
      expect(await imageOf((await otherPods.run()).id)).toBe(BUILT_IN_PAUSE_IMAGE);
    } finally {
      await other.stop();
    }
  });
});
