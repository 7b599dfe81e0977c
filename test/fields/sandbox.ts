import { NamespaceMode } from '../../generated/runtime/v1/api';
import { carriedOut, create, example, forWindows, nothingToDo, refused, run, type Messages } from './field';

const { POD, NODE, CONTAINER, TARGET } = NamespaceMode;
const ID = '2'.repeat(64);

type Options = Parameters<typeof runNamespaces>[0];
type Userns = NonNullable<Options['usernsOptions']>;

const runNamespaces = (
  namespaceOptions: NonNullable<
    NonNullable<NonNullable<Parameters<typeof run>[0]['linux']>['securityContext']>['namespaceOptions']
  >,
  refusal?: string,
) => run({ linux: { securityContext: { namespaceOptions } } }, refusal);
const createNamespaces = (namespaceOptions: Options, refusal?: string) =>
  create({ linux: { securityContext: { namespaceOptions } } }, refusal);
const userns = (usernsOptions: Userns, refusal: string) => runNamespaces({ usernsOptions }, refusal);

const NO_USERNS =
  'Unimplemented: linux.security_context.namespace_options.userns_options: Docker has no user namespace for a single pod: set hostUsers to true, or leave it out';
const MAPS_NONE =
  'InvalidArgument: linux.security_context.namespace_options.userns_options maps no ids where its mode is NODE';
const MAPPING = [{ hostId: 65_536, containerId: 1, length: 65_536 }];
const PORT = { containerPort: 80, hostPort: 8080 };

/** What makes a pod sandbox, but for its security. */
export const SANDBOX: Messages = {
  RunPodSandboxRequest: {
    config: carriedOut('The pause container.', run({ hostname: 'web-0' })),
    runtime_handler: carriedOut(
      'One of Docker’s runtimes by its name (`Runtime`); empty, or `docker`, is its default.',
      example('RunPodSandboxRequest', { runtimeHandler: 'crun' }),
      example(
        'RunPodSandboxRequest',
        { runtimeHandler: 'kata' },
        'InvalidArgument: runtime_handler "kata" is none of this Docker Engine\'s runtimes (crun, runc): add it to daemon.json',
      ),
    ),
  },
  PodSandboxConfig: {
    metadata: carriedOut('The container’s name, from which it is read back.', run({ metadata: { name: 'web' } })),
    hostname: carriedOut(
      '`Hostname`; the containers have it through the sandbox’s network.',
      run({ hostname: 'web-0' }),
      run(
        { hostname: 'web\n0' },
        'InvalidArgument: config.hostname must be a host name of at most 64 characters, not "web\\n0"',
      ),
    ),
    log_directory: carriedOut(
      'With a container’s `log_path`, where its log goes. The kubelet makes the directory.',
      example('CreateContainerRequest', {
        sandboxConfig: { logDirectory: '/var/log/pods/x' },
        config: { logPath: 'a' },
      }),
      run({ logDirectory: '/x\n' }, 'InvalidArgument: config.log_directory has a control character'),
      example(
        'CreateContainerRequest',
        { sandboxConfig: { logDirectory: '/var/log/../../etc' } },
        'InvalidArgument: sandbox_config.log_directory must be an absolute path without "..": "/var/log/../../etc"',
      ),
    ),
    dns_config: carriedOut('The pod’s resolv.conf.', run({ dnsConfig: { servers: ['10.96.0.10'] } })),
    port_mappings: carriedOut(
      '`PortBindings`: Docker opens them on its bridge, the portmap plugin on CNI networks.',
      run({ portMappings: [PORT] }),
    ),
    labels: carriedOut(
      '`Labels`, as they are. A label of the shim’s own is recorded beside them, so that those of the image aren’t taken for CRI’s.',
      run({ labels: { app: 'web' } }),
      run(
        { labels: { 'io.kubernetes.docker.type': 'container' } },
        "InvalidArgument: config.labels may not have io.kubernetes.docker.type, which is the shim's own",
      ),
    ),
    annotations: carriedOut(
      '`Labels` under `annotation.`; no OCI runtime sees them.',
      run({ annotations: { a: 'b' } }),
    ),
    linux: carriedOut('See below.', run({ linux: { cgroupParent: '/kubepods/pod1' } })),
    windows: refused(
      'This is Linux.',
      run({ windows: {} }, 'InvalidArgument: config.windows is for Windows nodes, this is Linux'),
    ),
  },
  PodSandboxMetadata: {
    name: carriedOut(
      'Part of the container’s name.',
      run({ metadata: { name: 'web' } }),
      run(
        { metadata: { name: 'a_b' } },
        'InvalidArgument: config.metadata.name may only have letters, digits, "." and "-", not "a_b"',
      ),
    ),
    uid: carriedOut('The same.', run({ metadata: { name: 'web', uid: 'other' } })),
    namespace: carriedOut('The same.', run({ metadata: { name: 'web', namespace: 'shop' } })),
    attempt: carriedOut('The same.', run({ metadata: { name: 'web', attempt: 2 } })),
  },
  DNSConfig: {
    servers: carriedOut(
      '`nameserver` lines.',
      run({ dnsConfig: { servers: ['10.96.0.10'] } }),
      run({ dnsConfig: { servers: ['1.1.1.1\nx'] } }, 'InvalidArgument: dns_config.servers has a control character'),
    ),
    searches: carriedOut(
      'The `search` line.',
      run({ dnsConfig: { searches: ['svc.cluster.local'] } }),
      run({ dnsConfig: { searches: ['a b'] } }, 'InvalidArgument: dns_config.searches has a blank in "a b"'),
    ),
    options: carriedOut('The `options` line.', run({ dnsConfig: { options: ['ndots:5'] } })),
  },
  PortMapping: {
    protocol: carriedOut('Of the port.', run({ portMappings: [{ ...PORT, protocol: 1 }] })),
    container_port: carriedOut(
      'Of the port.',
      run({ portMappings: [PORT] }),
      run(
        { portMappings: [{ containerPort: 65_536 }] },
        'InvalidArgument: port_mappings.container_port must be a port, not 65536',
      ),
    ),
    host_port: carriedOut(
      'Without one the mapping is only a remark, which the checkpoint keeps.',
      run({ portMappings: [PORT] }),
    ),
    host_ip: carriedOut(
      'The one address where it is open; else all.',
      run({ portMappings: [{ ...PORT, hostIp: '127.0.0.1' }] }),
      run(
        { portMappings: [{ ...PORT, hostIp: 'localhost' }] },
        'InvalidArgument: port_mappings.host_ip must be an IP address, not "localhost"',
      ),
    ),
  },
  LinuxPodSandboxConfig: {
    cgroup_parent: carriedOut(
      '`CgroupParent` of the pause container and, from `sandbox_config`, of the containers; under systemd the name of the slice.',
      run({ linux: { cgroupParent: '/kubepods/pod1' } }),
      example('CreateContainerRequest', { sandboxConfig: { linux: { cgroupParent: '/kubepods/pod1' } } }),
    ),
    security_context: carriedOut('See below.', run({ linux: { securityContext: { readonlyRootfs: true } } })),
    sysctls: carriedOut(
      '`Sysctls`, in the pod’s own network and IPC namespaces.',
      run({ linux: { sysctls: { 'net.core.somaxconn': '1024' } } }),
      run(
        { linux: { sysctls: { 'vm.swappiness': '1' } } },
        "InvalidArgument: linux.sysctls vm.swappiness is the whole node's: a pod has net.*, kernel.shm*, kernel.msg*, kernel.sem and fs.mqueue.*",
      ),
      run(
        {
          linux: {
            sysctls: { 'net.core.somaxconn': '1' },
            securityContext: { namespaceOptions: { network: NODE } },
          },
        },
        "InvalidArgument: linux.sysctls net.core.somaxconn cannot be set in the node's network namespace",
      ),
    ),
    overhead: nothingToDo(
      'Checked. The kubelet has counted it in the pod’s cgroup.',
      run(
        { linux: { overhead: { cpuShares: -1n } } },
        'InvalidArgument: config.linux.overhead.cpu_shares must be between 0 and 9007199254740991: -1',
      ),
    ),
    resources: nothingToDo(
      'Checked. The kubelet has made the pod’s cgroup with them.',
      run(
        { linux: { resources: { memoryLimitInBytes: -2n } } },
        'InvalidArgument: config.linux.resources.memory_limit_in_bytes must be between -1 and 9007199254740991: -2',
      ),
    ),
  },
  NamespaceOption: {
    network: carriedOut(
      '`NetworkMode`: NODE is `host`, and the host’s UTS namespace with it; containers join the sandbox.',
      runNamespaces({ network: NODE }),
      createNamespaces({ network: NODE }),
      runNamespaces(
        { network: CONTAINER },
        'InvalidArgument: linux.security_context.namespace_options.network can be POD or NODE, not CONTAINER',
      ),
    ),
    pid: carriedOut(
      '`PidMode`: POD is the sandbox’s, with pause as init; TARGET is that of a container of the pod; NODE is `host`.',
      runNamespaces({ pid: NODE }),
      createNamespaces({ pid: CONTAINER }),
      createNamespaces({ pid: TARGET, targetId: ID }),
      runNamespaces(
        { pid: TARGET, targetId: ID },
        'InvalidArgument: linux.security_context.namespace_options.pid cannot be TARGET: a sandbox comes before every container',
      ),
    ),
    ipc: carriedOut(
      '`IpcMode`: NODE is `host`; containers join the sandbox.',
      runNamespaces({ ipc: NODE }),
      createNamespaces(
        { ipc: TARGET },
        'InvalidArgument: linux.security_context.namespace_options.ipc can be POD or NODE, not TARGET',
      ),
    ),
    target_id: carriedOut(
      'With the PID mode TARGET alone: a container of the same pod that runs.',
      createNamespaces({ pid: TARGET, targetId: ID }),
    ),
    userns_options: carriedOut(
      'NODE is `UsernsMode: host`. A namespace of the pod’s own is more than Docker has. Left out, an engine with `userns-remap` gives it users of its own, but for privileged pods and those with a namespace of the node’s: Docker runs them with the node’s users or not at all.',
      runNamespaces({ usernsOptions: { mode: NODE } }),
      createNamespaces({ usernsOptions: { mode: NODE } }),
      userns({ mode: POD }, NO_USERNS),
    ),
  },
  UserNamespace: {
    mode: carriedOut('NODE alone.', runNamespaces({ usernsOptions: { mode: NODE } })),
    uids: refused('There is no namespace to map them in.', userns({ mode: NODE, uids: MAPPING }, MAPS_NONE)),
    gids: refused('The same.', userns({ mode: NODE, gids: MAPPING }, MAPS_NONE)),
  },
  IDMapping: {
    host_id: refused('The lists that it is in are.'),
    container_id: refused('The same.'),
    length: refused('The same.'),
  },
  WindowsPodSandboxConfig: { security_context: forWindows },
  WindowsSandboxSecurityContext: {
    run_as_username: forWindows,
    credential_spec: forWindows,
    host_process: forWindows,
    namespace_options: forWindows,
  },
  WindowsNamespaceOption: { network: forWindows },
};
