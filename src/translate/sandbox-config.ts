import type { PodSandboxConfig, PodSandboxMetadata } from '../../generated/runtime/v1/api';
import type { ContainerCreate } from '../docker/types';
import { dockerCgroupParent, checkCgroupParent } from './cgroup-parent';
import { checkNamePart, checkNoControl, invalid } from './checks';
import { checkLabels, sandboxLabels } from './labels';
import { sandboxNamespaces } from './namespaces';
import { checkPortMapping, dockerPorts } from './ports';
import { checkDns } from './resolv-conf';
import { checkQuantities } from './resources';
import type { Seccomp } from './security/seccomp';
import { checkSandboxSecurity, sandboxSecurity, type SecurityAbilities } from './security/security-context';
import { checkSysctls } from './sysctls';
import { sandboxUser } from './users/user';

/** Next to nothing: a pause container sleeps. */
const PAUSE_CPU_SHARES = 2;
/** The last thing for the kernel to kill: with it dies the pod. */
const PAUSE_OOM_SCORE = -998;
export const SHM_SIZE = 64 * 1024 * 1024;

/** What the body of a pause container depends on, beside the pod's own configuration. */
export interface SandboxSurroundings {
  readonly image: string;
  readonly cgroupDriver: string;
  /** Docker's network mode for a pod with its own network: `default` for Docker's bridge. */
  readonly podNetwork: string;
  /** The lowest OOM score that the host lets a process take. */
  readonly lowestOomScore: number;
  /** Empty, or the name of a Docker runtime. */
  readonly runtime: string;
  readonly seccomp: Seccomp;
}

/**
 * A pod's configuration, checked.
 * @throws ShimError InvalidArgument or Unimplemented, naming the field.
 */
export function checkSandboxConfig(
  config: PodSandboxConfig | undefined,
  abilities: SecurityAbilities,
): PodSandboxConfig & { readonly metadata: PodSandboxMetadata } {
  if (config === undefined) throw invalid('config', 'is missing');
  const { metadata } = config;
  if (metadata === undefined) throw invalid('config.metadata', 'is missing');
  if (metadata.name === '') throw invalid('config.metadata.name', 'is missing');
  checkNamePart('config.metadata.name', metadata.name);
  checkNamePart('config.metadata.namespace', metadata.namespace);
  checkNamePart('config.metadata.uid', metadata.uid);
  checkLabels(config.labels, 'podsandbox');
  checkHostname(config.hostname);
  checkNoControl('config.log_directory', config.logDirectory);
  checkDns(config.dnsConfig);
  config.portMappings.forEach(checkPortMapping);
  if (config.windows !== undefined) throw invalid('config.windows', 'is for Windows nodes, this is Linux');
  const { linux } = config;
  checkCgroupParent(linux?.cgroupParent ?? '');
  checkSysctls(linux?.sysctls ?? {}, linux?.securityContext?.namespaceOptions);
  checkSandboxSecurity(linux?.securityContext, abilities);
  checkQuantities('config.linux.overhead', linux?.overhead);
  checkQuantities('config.linux.resources', linux?.resources);
  return { ...config, metadata };
}

/** RFC 1123, and the kernel's bound of 64 bytes. */
function checkHostname(hostname: string): void {
  if (hostname === '') return;
  if (hostname.length > 64 || !/^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/.test(hostname)) {
    throw invalid('config.hostname', `must be a host name of at most 64 characters, not ${JSON.stringify(hostname)}`);
  }
}

/** The body that creates a pod's pause container. */
export function sandboxBody(config: PodSandboxConfig, around: SandboxSurroundings): ContainerCreate {
  const { linux } = config;
  const context = linux?.securityContext;
  const ports = dockerPorts(config.portMappings);
  const parent = dockerCgroupParent(linux?.cgroupParent ?? '', around.cgroupDriver);
  const user = sandboxUser(context);
  const sysctls = linux?.sysctls ?? {};
  return {
    Image: around.image,
    Labels: sandboxLabels(config),
    ...(config.hostname !== '' && { Hostname: config.hostname }),
    ...(user !== undefined && { User: user }),
    ...ports.exposed,
    HostConfig: {
      ...sandboxNamespaces(context?.namespaceOptions, around.podNetwork),
      ...sandboxSecurity(context, around.seccomp),
      ...ports.bindings,
      CpuShares: PAUSE_CPU_SHARES,
      MemorySwap: 0,
      OomScoreAdj: Math.max(PAUSE_OOM_SCORE, around.lowestOomScore),
      ShmSize: SHM_SIZE,
      RestartPolicy: { Name: 'no' },
      ...(parent !== undefined && { CgroupParent: parent }),
      ...(Object.keys(sysctls).length > 0 && { Sysctls: sysctls }),
      ...(around.runtime !== '' && { Runtime: around.runtime }),
    },
  };
}
