import { posix } from 'node:path';
import { MountPropagation, type Mount as CriMount } from '../../generated/runtime/v1/api';
import type { ContainerInspect, HostConfig, Mount, MountPoint } from '../docker/types';
import { checkAbsolutePath, invalid, unimplemented } from './checks';

/** What the engine can do with mounts: read-only that reaches below the mount came with API 1.44 (Docker 25). */
export interface MountAbilities {
  readonly recursiveReadOnly: boolean;
  /** The engine labels files for SELinux. Where it does not, there is nothing to relabel. */
  readonly selinux: boolean;
  readonly engine: string;
}

/** @throws ShimError InvalidArgument or Unimplemented, naming the mount. */
export function checkMount(mount: CriMount, abilities: MountAbilities): void {
  const field = `mount ${mount.containerPath || '(without container_path)'}`;
  checkAbsolutePath(`${field}: container_path`, mount.containerPath);
  if (mount.image !== undefined || mount.imageSubPath !== '') {
    throw unimplemented(field, 'this version of dockershim has no image volumes');
  }
  checkAbsolutePath(`${field}: host_path`, mount.hostPath);
  if (mount.mountOptions.length > 0) {
    throw unimplemented(`${field}: mount_options`, `Docker can not mount with ${mount.mountOptions.join(',')}`);
  }
  if (mount.uidMappings.length > 0 || mount.gidMappings.length > 0) {
    throw unimplemented(`${field}: uidMappings and gidMappings`, 'Docker has no id-mapped mounts');
  }
  if (MountPropagation[mount.propagation] === undefined) {
    throw invalid(`${field}: propagation`, `is unknown: ${mount.propagation}`);
  }
  if (mount.recursiveReadOnly) checkRecursiveReadOnly(field, mount, abilities);
}

/** CRI: recursive_read_only needs readonly and private propagation, and a runtime that can do it. */
function checkRecursiveReadOnly(field: string, mount: CriMount, abilities: MountAbilities): void {
  if (!mount.readonly) throw invalid(`${field}: recursive_read_only`, 'needs readonly too');
  if (mount.propagation !== MountPropagation.PROPAGATION_PRIVATE) {
    throw invalid(`${field}: recursive_read_only`, 'needs private propagation');
  }
  if (abilities.selinux && mount.selinuxRelabel) {
    throw unimplemented(
      `${field}: recursive_read_only`,
      'Docker can not relabel such a mount: leave selinux_relabel out',
    );
  }
  if (!abilities.recursiveReadOnly) {
    throw unimplemented(`${field}: recursive_read_only`, `needs Docker 25 or later, this is ${abilities.engine}`);
  }
}

/** Bind mounts in Docker's form. Those to be relabelled for SELinux take the older one, which alone knows how. */
export function dockerMounts(
  mounts: readonly CriMount[],
  abilities: MountAbilities,
): Pick<HostConfig, 'Mounts' | 'Binds'> {
  const relabelled = (mount: CriMount): boolean => abilities.selinux && mount.selinuxRelabel;
  const binds = mounts.filter(relabelled).map(toBind);
  return {
    Mounts: mounts.filter((mount) => !relabelled(mount)).map((mount) => toMount(mount, abilities)),
    ...(binds.length > 0 && { Binds: binds }),
  };
}

function toMount(mount: CriMount, abilities: MountAbilities): Mount {
  const propagation = dockerPropagation(mount.propagation);
  return {
    Type: 'bind',
    Source: mount.hostPath,
    Target: mount.containerPath,
    ReadOnly: mount.readonly,
    BindOptions: {
      CreateMountpoint: true,
      ...(propagation !== undefined && { Propagation: propagation }),
      ...(mount.readonly && abilities.recursiveReadOnly && readOnlyReach(mount)),
    },
  };
}

/** Docker 25 made read-only reach below the mount where the kernel can. CRI says exactly when it must, and else not. */
function readOnlyReach(mount: CriMount): Mount['BindOptions'] {
  return mount.recursiveReadOnly ? { ReadOnlyForceRecursive: true } : { ReadOnlyNonRecursive: true };
}

function toBind(mount: CriMount): string {
  if (mount.hostPath.includes(':') || mount.containerPath.includes(':')) {
    throw unimplemented(`mount ${mount.containerPath}: selinux_relabel`, 'Docker can not relabel a path with a colon');
  }
  const propagation = dockerPropagation(mount.propagation);
  const options = ['Z', ...(mount.readonly ? ['ro'] : []), ...(propagation ? [propagation] : [])];
  return `${mount.hostPath}:${mount.containerPath}:${options.join(',')}`;
}

/**
 * Private is left unsaid: it is Docker's default, and where the source holds Docker's own directory Docker then takes
 * rslave instead of refusing.
 */
function dockerPropagation(propagation: MountPropagation): string | undefined {
  switch (propagation) {
    case MountPropagation.PROPAGATION_HOST_TO_CONTAINER:
      return 'rslave';
    case MountPropagation.PROPAGATION_BIDIRECTIONAL:
      return 'rshared';
    default:
      return undefined;
  }
}

/** The bind mounts of a container as CRI reports them. Anonymous volumes of the image are Docker's affair. */
export function readMounts(container: ContainerInspect): CriMount[] {
  // Docker keeps the path that was asked for, and reports it cleaned: `/data/` is `/data`.
  const asked = new Map((container.HostConfig.Mounts ?? []).map((mount) => [posix.resolve(mount.Target), mount]));
  return (container.Mounts ?? [])
    .filter((point) => point.Type === 'bind')
    .map((point) => readMount(point, asked.get(point.Destination)));
}

function readMount(point: MountPoint, asked: Mount | undefined): CriMount {
  const asksPrivate = asked !== undefined && asked.BindOptions?.Propagation === undefined;
  return {
    containerPath: point.Destination,
    hostPath: point.Source ?? '',
    readonly: !point.RW,
    selinuxRelabel: /(^|,)[zZ](,|$)/.test(point.Mode ?? ''),
    propagation: asksPrivate ? MountPropagation.PROPAGATION_PRIVATE : criPropagation(point.Propagation),
    uidMappings: [],
    gidMappings: [],
    recursiveReadOnly: asked?.BindOptions?.ReadOnlyForceRecursive ?? false,
    image: undefined,
    imageSubPath: '',
    mountOptions: [],
  };
}

function criPropagation(propagation: string | undefined): MountPropagation {
  switch (propagation) {
    case 'rslave':
    case 'slave':
      return MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
    case 'rshared':
    case 'shared':
      return MountPropagation.PROPAGATION_BIDIRECTIONAL;
    default:
      return MountPropagation.PROPAGATION_PRIVATE;
  }
}
