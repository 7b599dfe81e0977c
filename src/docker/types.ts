/**
 * The parts of Docker's API that the shim reads and writes, under Docker's own field names. Everything that an engine
 * from 20.10 (API 1.41) to 29 may leave out is optional here, so the compiler asks what then.
 */

type StringMap = Readonly<Record<string, string>>;

export interface EngineVersion {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion?: string;
  readonly Arch?: string;
}

export interface EngineInfo {
  readonly Driver: string;
  readonly DriverStatus?: readonly (readonly [string, string])[];
  readonly DockerRootDir: string;
  readonly CgroupDriver: string;
  readonly CgroupVersion?: string;
  readonly LoggingDriver: string;
  readonly KernelVersion?: string;
  /** The status of API 1.44 has a runtime's features, a JSON text, where it tells them. */
  readonly Runtimes?: Readonly<Record<string, { readonly status?: StringMap | null }>>;
  readonly DefaultRuntime?: string;
  readonly SecurityOptions?: readonly string[] | null;
  readonly SwapLimit?: boolean;
  /** Where the engine looks for specifications of the Container Device Interface; none when it was not told to. */
  readonly CDISpecDirs?: readonly string[] | null;
  /** Containers outlive a restart of dockerd. */
  readonly LiveRestoreEnabled?: boolean;
  /** The engine's clock, RFC 3339. */
  readonly SystemTime?: string;
}

export type ContainerStatusWord = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** One row of GET /containers/json. */
export interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[] | null;
  readonly Image: string;
  readonly ImageID: string;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly State: ContainerStatusWord;
  /** For people, such as `Exited (3) 2 minutes ago`. */
  readonly Status?: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Mounts?: readonly Pick<MountPoint, 'Type' | 'Name'>[] | null;
}

export interface MountPoint {
  readonly Type: string;
  readonly Source?: string;
  readonly Destination: string;
  readonly Mode?: string;
  readonly RW: boolean;
  readonly Propagation?: string;
  /** Of an image: the reference that was asked for. */
  readonly Name?: string;
}

export interface ContainerState {
  readonly Status: ContainerStatusWord;
  readonly Running: boolean;
  readonly Paused?: boolean;
  readonly OOMKilled: boolean;
  readonly Dead?: boolean;
  /** In the engine's PID namespace; 0 when not running. */
  readonly Pid: number;
  readonly ExitCode: number;
  readonly Error: string;
  /** RFC 3339 with up to nine decimals; year 1 stands for never. */
  readonly StartedAt: string;
  readonly FinishedAt: string;
}

export interface EndpointSettings {
  readonly IPAddress?: string;
  readonly GlobalIPv6Address?: string;
}

export interface ContainerInspect {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
  /** The image's id, `sha256:…`. */
  readonly Image: string;
  readonly State: ContainerState;
  readonly LogPath?: string;
  readonly ResolvConfPath?: string;
  readonly RestartCount?: number;
  /** SELinux's, of its processes; empty where the engine labels none. */
  readonly ProcessLabel?: string;
  /** Where the layers are, when a graph driver and not containerd keeps them. */
  readonly GraphDriver?: { readonly Data?: Readonly<Record<string, string>> | null } | null;
  readonly HostConfig: HostConfig;
  readonly Config: ContainerConfig;
  readonly Mounts?: readonly MountPoint[] | null;
  readonly NetworkSettings?: {
    readonly Networks?: Readonly<Record<string, EndpointSettings | null>> | null;
  };
}

/** A container's network: which one was asked for, what Docker gave it there, and a process that is in it. */
export interface ContainerNetwork extends Pick<ContainerInspect, 'Id' | 'NetworkSettings'> {
  readonly HostConfig: Pick<HostConfig, 'NetworkMode'>;
  readonly State: Pick<ContainerState, 'Pid'>;
}

export interface PortBinding {
  readonly HostIp?: string;
  readonly HostPort: string;
}

export interface DeviceMapping {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}

export interface DeviceRequest {
  readonly Driver: string;
  readonly DeviceIDs: readonly string[];
}

export interface Mount {
  readonly Type: 'bind' | 'image';
  readonly Source: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly BindOptions?: {
    readonly Propagation?: string;
    readonly CreateMountpoint?: boolean;
    /** API 1.44: read-only as it was before Docker 25, for the mount itself and not for what is mounted below it. */
    readonly ReadOnlyNonRecursive?: boolean;
    /** API 1.44: fail where the kernel can't make what is mounted below it read-only too. */
    readonly ReadOnlyForceRecursive?: boolean;
  };
  /** API 1.48. */
  readonly ImageOptions?: { readonly Subpath?: string };
}

/** What POST /containers/{id}/update may change. */
export interface Resources {
  readonly CpuShares?: number;
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly CpusetCpus?: string;
  readonly CpusetMems?: string;
  /** Bytes; 0 is no limit. */
  readonly Memory?: number;
  /** Memory and swap together, in bytes; -1 is no limit. */
  readonly MemorySwap?: number;
}

export interface HostConfig extends Resources {
  readonly NetworkMode?: string;
  readonly IpcMode?: string;
  readonly PidMode?: string;
  readonly UTSMode?: string;
  readonly UsernsMode?: string;
  readonly CgroupnsMode?: string;
  readonly CgroupParent?: string;
  readonly CapAdd?: readonly string[] | null;
  readonly CapDrop?: readonly string[] | null;
  readonly Privileged?: boolean;
  readonly ReadonlyRootfs?: boolean;
  readonly SecurityOpt?: readonly string[] | null;
  readonly MaskedPaths?: readonly string[] | null;
  readonly ReadonlyPaths?: readonly string[] | null;
  readonly GroupAdd?: readonly string[] | null;
  readonly OomScoreAdj?: number;
  readonly ShmSize?: number;
  readonly Sysctls?: Readonly<Record<string, string>> | null;
  readonly PortBindings?: Readonly<Record<string, readonly PortBinding[]>> | null;
  readonly Devices?: readonly DeviceMapping[] | null;
  readonly DeviceRequests?: readonly DeviceRequest[] | null;
  readonly Mounts?: readonly Mount[] | null;
  /** The form before `Mounts`: "source:target[:ro,Z,rshared]". Older predecessors made containers with it. */
  readonly Binds?: readonly string[] | null;
  readonly RestartPolicy?: { readonly Name: string };
  readonly Runtime?: string;
  readonly LogConfig?: { readonly Type: string; readonly Config?: Readonly<Record<string, string>> | null };
}

export interface ContainerConfig {
  readonly Hostname?: string;
  readonly User?: string;
  readonly Env?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly Image: string;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Tty?: boolean;
  readonly OpenStdin?: boolean;
  readonly StdinOnce?: boolean;
  readonly StopSignal?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>> | null;
  readonly Healthcheck?: { readonly Test: readonly string[] };
}

/** The body of POST /containers/create. */
export interface ContainerCreate extends ContainerConfig {
  readonly HostConfig: HostConfig;
}

export interface ExecCreate {
  readonly Cmd: readonly string[];
  readonly AttachStdin: boolean;
  readonly AttachStdout: boolean;
  readonly AttachStderr: boolean;
  readonly Tty: boolean;
  readonly DetachKeys?: string;
}

/** A terminal's size in characters. */
export interface TerminalExtent {
  readonly width: number;
  readonly height: number;
}

export interface ExecInspect {
  readonly Running: boolean;
  readonly ExitCode: number | null;
  /** In the engine's PID namespace; 0 before the process has started. */
  readonly Pid: number;
}

export interface ImageSummary {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Size: number;
}

export interface ImageInspect {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Size: number;
  readonly Architecture?: string;
  readonly Os?: string;
  readonly Created?: string;
  readonly RootFS?: { readonly Type: string; readonly Layers?: readonly string[] | null };
  readonly Config?: {
    readonly User?: string;
    readonly Env?: readonly string[] | null;
    readonly Labels?: Readonly<Record<string, string>> | null;
  } | null;
}

export interface ImageHistoryEntry {
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Size: number;
  readonly Comment: string;
}

/** GET /system/df. */
export interface DiskUsage {
  /** Bytes of all image layers, each counted once. */
  readonly LayersSize?: number;
  /** API 1.52 and later answer in this shape. */
  readonly ImageUsage?: { readonly TotalSize?: number };
  readonly Containers?: readonly { readonly Id: string; readonly SizeRw?: number }[] | null;
}

/** One line of the answer to POST /images/create. */
export interface PullProgress {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: {
    readonly current?: number;
    /** `s` when `current` is but the seconds that have passed; bytes otherwise. */
    readonly units?: string;
  };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** Credentials for a registry, as the X-Registry-Auth header carries them. */
export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly serveraddress?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}
