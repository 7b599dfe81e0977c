import { MountPropagation, Signal } from '../../generated/runtime/v1/api';
import { carriedOut, create, example, forWindows, nothingToDo, refused, type Messages } from './field';

type Mount = NonNullable<Parameters<typeof create>[0]['mounts']>[number];

const mount = (parts: Mount, refusal?: string) =>
  create({ mounts: [{ containerPath: '/data', hostPath: '/srv', ...parts }] }, refusal);
const imageMount = (parts: Mount, refusal?: string) =>
  create({ mounts: [{ containerPath: '/data', image: { image: 'busybox:1' }, readonly: true, ...parts }] }, refusal);
const device = (parts: object, refusal?: string) => create({ devices: [{ hostPath: '/dev/null', ...parts }] }, refusal);

const NO_MAPPINGS = 'Unimplemented: mount /data: uidMappings and gidMappings: Docker has no id-mapped mounts';
const MAPPING = [{ hostId: 65_536, containerId: 1, length: 65_536 }];

/** What makes a container, but for its security and resources. */
export const CONTAINER: Messages = {
  CreateContainerRequest: {
    pod_sandbox_id: carriedOut('The sandbox whose namespaces, runtime and name the container shares.'),
    config: carriedOut('The container.', create({ tty: true })),
    sandbox_config: carriedOut(
      'Its `log_directory` and `linux.cgroup_parent`; all else was carried out with the sandbox.',
      example('CreateContainerRequest', { sandboxConfig: { linux: { cgroupParent: '/kubepods/pod1' } } }),
    ),
  },
  ContainerConfig: {
    metadata: carriedOut(
      'Part of the container’s name, from which it is read back.',
      create({ metadata: { name: 'web' } }),
    ),
    image: carriedOut('`Image`.', create({ image: { image: 'nginx:1' } })),
    command: carriedOut('`Entrypoint`; without it the image’s.', create({ command: ['sh'] })),
    args: carriedOut('`Cmd`; with neither command nor args the image’s.', create({ args: ['-c', 'true'] })),
    working_dir: carriedOut(
      '`WorkingDir`; without it the image’s.',
      create({ workingDir: '/work' }),
      create({ workingDir: '/\u0007' }, 'InvalidArgument: config.working_dir has a control character'),
    ),
    envs: carriedOut('`Env`.', create({ envs: [{ key: 'A', value: Buffer.from('b') }] })),
    mounts: carriedOut('`Mounts`, or `Binds` where SELinux relabels.', mount({})),
    devices: carriedOut('`Devices`.', device({})),
    labels: carriedOut(
      '`Labels`, as of a sandbox.',
      create({ labels: { app: 'web' } }),
      create(
        { labels: { 'io.kubernetes.sandbox.id': 'x' } },
        "InvalidArgument: config.labels may not have io.kubernetes.sandbox.id, which is the shim's own",
      ),
    ),
    annotations: carriedOut('`Labels` under `annotation.`', create({ annotations: { a: 'b' } })),
    log_path: carriedOut(
      'Below the sandbox’s `log_directory`, in a label.',
      create({ logPath: 'app/0.log' }),
      create({ logPath: '../../etc/x' }, 'InvalidArgument: config.log_path must not have ".." in it'),
    ),
    stdin: carriedOut('`OpenStdin`.', create({ stdin: true })),
    stdin_once: carriedOut('`StdinOnce`.', create({ stdinOnce: true })),
    tty: carriedOut('`Tty`.', create({ tty: true })),
    linux: carriedOut('See below.', create({ linux: { securityContext: { noNewPrivs: true } } })),
    windows: refused(
      'This is Linux.',
      create({ windows: {} }, 'InvalidArgument: config.windows is for Windows nodes, this is Linux'),
    ),
    CDI_devices: carriedOut(
      '`DeviceRequests`, from Docker 25.',
      create({ CDIDevices: [{ name: 'vendor.com/gpu=0' }] }),
    ),
    stop_signal: carriedOut(
      '`StopSignal`; without it the image’s.',
      create({ stopSignal: Signal.SIGNAL_SIGUSR1 }),
      create({ stopSignal: 1000 as Signal }, 'InvalidArgument: config.stop_signal is unknown: 1000'),
    ),
  },
  ContainerMetadata: {
    name: carriedOut(
      'Part of the container’s name.',
      create({ metadata: { name: 'web' } }),
      create(
        { metadata: { name: 'a_b' } },
        'InvalidArgument: config.metadata.name may only have letters, digits, "." and "-", not "a_b"',
      ),
    ),
    attempt: carriedOut('The same.', create({ metadata: { name: 'app', attempt: 3 } })),
  },
  KeyValue: {
    key: carriedOut(
      'Of a variable.',
      create({ envs: [{ key: 'A' }] }),
      create({ envs: [{ key: 'A=B' }] }, 'InvalidArgument: config.envs has no proper name in "A=B"'),
    ),
    value: carriedOut(
      'Of a variable.',
      create({ envs: [{ key: 'A', value: Buffer.from('b') }] }),
      create(
        { envs: [{ key: 'A', value: Buffer.from([0xff]) }] },
        "InvalidArgument: config.envs A is not UTF-8, which Docker's API is",
      ),
    ),
  },
  Mount: {
    container_path: carriedOut(
      '`Target`.',
      mount({}),
      mount(
        { containerPath: 'data' },
        'InvalidArgument: config.mounts.container_path must be an absolute path, not "data"',
      ),
      mount({ containerPath: '/' }, "InvalidArgument: mount /: container_path must not be the container's root"),
    ),
    host_path: carriedOut(
      '`Source`, links followed; a missing path is made a directory.',
      mount({}),
      mount({ hostPath: 'srv' }, 'InvalidArgument: mount /data: host_path must be an absolute path, not "srv"'),
    ),
    readonly: carriedOut(
      '`ReadOnly`, of the mount itself and not of what is mounted below it. With `selinux_relabel`, Docker 25 and later make that read-only too where the kernel can; the status then says `recursive_read_only`.',
      mount({ readonly: true }),
    ),
    selinux_relabel: carriedOut(
      '`Z` in `Binds`, where the engine labels for SELinux; elsewhere there is nothing to relabel.',
      mount({ selinuxRelabel: true }),
      mount(
        { selinuxRelabel: true, hostPath: '/a:b' },
        'Unimplemented: mount /data: selinux_relabel: Docker cannot relabel a path with a colon',
      ),
    ),
    propagation: carriedOut(
      '`Propagation`.',
      mount({ propagation: MountPropagation.PROPAGATION_BIDIRECTIONAL }),
      mount({ propagation: 9 as MountPropagation }, 'InvalidArgument: mount /data: propagation is unknown: 9'),
    ),
    uidMappings: refused('', mount({ uidMappings: MAPPING }, NO_MAPPINGS)),
    gidMappings: refused('', mount({ gidMappings: MAPPING }, NO_MAPPINGS)),
    recursive_read_only: carriedOut(
      '`ReadOnlyForceRecursive`, where engine, kernel and OCI runtime can; elsewhere Unimplemented, and not announced.',
      mount({ readonly: true, recursiveReadOnly: true }),
      mount({ recursiveReadOnly: true }, 'InvalidArgument: mount /data: recursive_read_only needs readonly too'),
    ),
    image: carriedOut(
      'A mount of the type `image`, from Docker 28, but for 29.0.0 to 29.1.3; on others Unimplemented.',
      imageMount({}),
      imageMount({ hostPath: '/srv' }, 'InvalidArgument: mount /data: host_path must be empty when there is an image'),
    ),
    image_sub_path: carriedOut(
      '`ImageOptions.Subpath`.',
      imageMount({ imageSubPath: 'etc' }),
      imageMount(
        { imageSubPath: '../etc' },
        'InvalidArgument: mount /data: image_sub_path must be relative, without "..": "../etc"',
      ),
    ),
    mount_options: refused(
      'Docker has none for bind mounts. The feature is not announced.',
      mount({ mountOptions: ['noexec'] }, 'Unimplemented: mount /data: mount_options: Docker cannot mount with noexec'),
    ),
  },
  ImageSpec: {
    image: carriedOut(
      'A name with tag or digest, or an id.',
      create({ image: { image: 'nginx:1' } }),
      create(
        { image: { image: 'nginx:1?' } },
        'InvalidArgument: config.image.image: "nginx:1?" is no image reference: a tag is 1 to 128 letters, digits, "_", "." and "-", and starts with none of the last two',
      ),
      imageMount({ image: { image: 'nginx:1' } }),
      example('PullImageRequest', { image: { image: 'nginx:2' } }),
      example(
        'PullImageRequest',
        { image: { image: 'Nginx' } },
        'InvalidArgument: "Nginx" is no image reference: a repository is written in lower case',
      ),
    ),
    annotations: nothingToDo('They tell runtimes with several kinds of images which is meant.'),
    user_specified_image: nothingToDo('What the pod says for `image`; the kubelet’s own answer is in `image`.'),
    runtime_handler: nothingToDo('Docker keeps one image for all its runtimes.'),
    image_ref: nothingToDo('A field of answers; `image` has the id too.'),
  },
  Device: {
    container_path: carriedOut(
      '`PathInContainer`; without it that of the host.',
      device({ containerPath: '/dev/zero' }),
    ),
    host_path: carriedOut(
      '`PathOnHost`; a missing one is InvalidArgument.',
      device({ hostPath: '/dev/zero' }),
      device({ hostPath: 'null' }, 'InvalidArgument: config.devices.host_path must be an absolute path, not "null"'),
    ),
    permissions: carriedOut(
      '`CgroupPermissions`; without them all.',
      device({ permissions: 'r' }),
      device({ permissions: 'x' }, 'InvalidArgument: config.devices.permissions may have r, w and m, not "x"'),
    ),
  },
  CDIDevice: {
    name: carriedOut(
      '`DeviceIDs` of the driver `cdi`.',
      create({ CDIDevices: [{ name: 'vendor.com/gpu=0' }] }),
      create(
        { CDIDevices: [{ name: 'gpu' }] },
        'InvalidArgument: config.CDI_devices must have names like vendor.com/class=name, not "gpu"',
      ),
    ),
  },
  LinuxContainerConfig: {
    resources: carriedOut('See below.', create({ linux: { resources: { cpuShares: 512n } } })),
    security_context: carriedOut('See above.', create({ linux: { securityContext: { noNewPrivs: true } } })),
  },
  WindowsContainerConfig: { resources: forWindows, security_context: forWindows },
  WindowsContainerSecurityContext: {
    run_as_username: forWindows,
    credential_spec: forWindows,
    host_process: forWindows,
  },
};
