import { posix } from 'node:path';
import {
  Signal,
  type ContainerConfig,
  type ContainerMetadata,
  type KeyValue,
  type PodSandboxConfig,
} from '../../generated/runtime/v1/api';
import type { ContainerCreate, HostConfig } from '../docker/types';
import { cgroupFiles } from './cgroup-files';
import { checkCgroupParent, dockerCgroupParent } from './cgroup-parent';
import { checkAbsolutePath, checkNamePart, checkNoControl, invalid } from './checks';
import { checkDevices, dockerDevices, type DeviceAbilities } from './devices';
import { checkImageReference } from './image-reference';
import { cgroupLabel, checkLabels, containerLabels } from './labels';
import { checkMounts, dockerMounts, type MountAbilities } from './mounts';
import { memberNamespaces } from './namespaces';
import { checkResources, dockerResources, type ResourceAbilities } from './resources';
import { SHM_SIZE } from './sandbox-config';
import type { Seccomp } from './security/seccomp';
import { checkContainerSecurity, containerSecurity, type SecurityAbilities } from './security/security-context';
import { dockerSignal } from './signals';
import type { Account } from './users/accounts';
import { containerUser } from './users/user';

/** What the body of a container depends on, beside its own configuration. */
export interface ContainerSurroundings {
  readonly sandboxId: string;
  /** Of the pod: its log directory and cgroup parent count. */
  readonly sandboxConfig: PodSandboxConfig | undefined;
  /** The sandbox's Docker runtime, as its HostConfig has it. */
  readonly runtime: string;
  /** The level of the sandbox's SELinux label; empty when it has none. */
  readonly selinuxLevel: string;
  readonly cgroupDriver: string;
  readonly lowestOomScore: number;
  readonly seccomp: Seccomp;
  readonly abilities: ContainerAbilities;
  /** The user as the image knows it; undefined where it need not be known. */
  readonly account: Account | undefined;
  /** Undefined for the engine's own way. */
  readonly logConfig: HostConfig['LogConfig'];
}

/** What the host and the engine can do for a container. */
export type ContainerAbilities = MountAbilities & DeviceAbilities & ResourceAbilities & SecurityAbilities;

/**
 * A container's configuration, checked.
 * @throws ShimError InvalidArgument or Unimplemented, naming the field.
 */
export function checkContainerConfig(
  config: ContainerConfig | undefined,
  sandboxConfig: PodSandboxConfig | undefined,
  abilities: ContainerAbilities,
): ContainerConfig & { readonly metadata: ContainerMetadata; readonly image: { readonly image: string } } {
  if (config === undefined) throw invalid('config', 'is missing');
  const { metadata, image } = config;
  if (metadata === undefined) throw invalid('config.metadata', 'is missing');
  if (metadata.name === '') throw invalid('config.metadata.name', 'is missing');
  checkNamePart('config.metadata.name', metadata.name);
  if (image === undefined || image.image === '') throw invalid('config.image', 'is missing');
  checkImageReference('config.image.image', image.image);
  if (config.workingDir !== '') checkAbsolutePath('config.working_dir', config.workingDir);
  checkLabels(config.labels, 'container');
  checkLogPath(config.logPath, sandboxConfig);
  config.envs.forEach(checkEnvironment);
  checkMounts(config.mounts, abilities);
  checkDevices(config, abilities);
  if (config.windows !== undefined) throw invalid('config.windows', 'is for Windows nodes, this is Linux');
  if (Signal[config.stopSignal] === undefined) throw invalid('config.stop_signal', `is unknown: ${config.stopSignal}`);
  checkCgroupParent(sandboxConfig?.linux?.cgroupParent ?? '');
  checkContainerSecurity(config.linux?.securityContext, abilities);
  checkResources('config.linux.resources', config.linux?.resources, abilities);
  return { ...config, metadata, image };
}

/** The log stays below the pod's log directory: the kubelet removes what the label names. */
function checkLogPath(logPath: string, sandboxConfig: PodSandboxConfig | undefined): void {
  checkNoControl('config.log_path', logPath);
  if (logPath.split('/').includes('..')) throw invalid('config.log_path', 'must not have ".." in it');
  const directory = sandboxConfig?.logDirectory ?? '';
  checkNoControl('sandbox_config.log_directory', directory);
  if (directory !== '' && (!directory.startsWith('/') || directory.split('/').includes('..'))) {
    throw invalid(
      'sandbox_config.log_directory',
      `must be an absolute path without "..": ${JSON.stringify(directory)}`,
    );
  }
}

function checkEnvironment({ key, value }: KeyValue): void {
  if (key === '' || key.includes('=') || key.includes('\0')) {
    throw invalid('config.envs', `has no proper name in ${JSON.stringify(key)}`);
  }
  if (value.includes(0)) throw invalid(`config.envs ${key}`, 'has a zero byte');
  if (!Buffer.from(value.toString('utf8'), 'utf8').equals(value)) {
    throw invalid(`config.envs ${key}`, "is not UTF-8, which Docker's API is");
  }
}

/** Where the container's log goes, or an empty string when the kubelet wants none. */
export function logPathOf(config: ContainerConfig, sandboxConfig: PodSandboxConfig | undefined): string {
  const directory = sandboxConfig?.logDirectory ?? '';
  return config.logPath === '' || directory === '' ? '' : posix.join(directory, config.logPath);
}

/** The body that creates a container of a pod. */
export function containerBody(
  config: ContainerConfig & { readonly image: { readonly image: string } },
  around: ContainerSurroundings,
): ContainerCreate {
  const { linux } = config;
  const context = linux?.securityContext;
  const { user, groups } = containerUser(context, around.account);
  const parent = dockerCgroupParent(around.sandboxConfig?.linux?.cgroupParent ?? '', around.cgroupDriver);
  const stopSignal = dockerSignal(config.stopSignal);
  return {
    Image: config.image.image,
    Labels: {
      ...containerLabels(config, around.sandboxId, logPathOf(config, around.sandboxConfig)),
      ...cgroupLabel(cgroupFiles(linux?.resources, around.abilities)),
    },
    // CRI's command replaces the image's entrypoint, and its args the image's command.
    ...(config.command.length > 0 && { Entrypoint: config.command }),
    ...(config.args.length > 0 && { Cmd: config.args }),
    Env: config.envs.map(({ key, value }) => `${key}=${value.toString('utf8')}`),
    WorkingDir: config.workingDir,
    ...(user !== undefined && { User: user }),
    Tty: config.tty,
    OpenStdin: config.stdin,
    StdinOnce: config.stdinOnce,
    ...(stopSignal !== undefined && { StopSignal: stopSignal }),
    // Probes are the kubelet's.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      ...memberNamespaces(context?.namespaceOptions, around.sandboxId),
      ...containerSecurity(context, around.seccomp, around.selinuxLevel),
      ...groups,
      ...dockerResources(linux?.resources),
      ...dockerMounts(config.mounts, around.abilities),
      OomScoreAdj: Math.max(Number(linux?.resources?.oomScoreAdj ?? 0n), around.lowestOomScore),
      ShmSize: SHM_SIZE,
      RestartPolicy: { Name: 'no' },
      ...dockerDevices(config),
      ...(around.logConfig !== undefined && { LogConfig: around.logConfig }),
      ...(parent !== undefined && { CgroupParent: parent }),
      ...(around.runtime !== '' && { Runtime: around.runtime }),
    },
  };
}
