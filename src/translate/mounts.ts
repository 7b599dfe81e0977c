import { posix } from 'node:path';
import { MountPropagation, type ImageSpec, type Mount as CriMount } from '../../generated/runtime/v1/api';
import type { HostConfig, Mount } from '../docker/types';
import { checkAbsolutePath, checkNoControl, invalid, unimplemented } from './checks';
import { checkImageReference } from './image-reference';

/** What the engine can do with mounts. */
export interface MountAbilities {
  /** Its API can say whether a read-only mount is recursive: 1.44 (Docker 25). */
  readonly readOnlyReach: boolean;
  /** Kernel and runtime can make a mount read-only with all that is below it. */
  readonly recursiveReadOnly: boolean;
  /** It mounts images: API 1.48 (Docker 28), but for 29.0.0 to 29.1.3. */
  readonly imageMounts: boolean;
  /** The engine labels files for SELinux. Where it does not, there is nothing to relabel. */
  readonly selinux: boolean;
  /** Its version. */
  readonly engine: string;
}

/** @throws ShimError InvalidArgument or Unimplemented, naming the mount. */
export function checkMounts(mounts: readonly CriMount[], abilities: MountAbilities): void {
  const taken = new Set<string>();
  for (const mount of mounts) {
    checkMount(mount, abilities);
    const path = posix.resolve(mount.containerPath);
    if (path === '/') throw invalid(`mount ${mount.containerPath}: container_path`, "must not be the container's root");
    if (taken.has(path)) throw invalid(`mount ${mount.containerPath}: container_path`, 'has another mount already');
    taken.add(path);
  }
}

function checkMount(mount: CriMount, abilities: MountAbilities): void {
  checkAbsolutePath('config.mounts.container_path', mount.containerPath);
  const field = `mount ${mount.containerPath}`;
  if (mount.image !== undefined) checkImageMount(field, mount, mount.image, abilities);
  // The kubelet sets image_sub_path for every mount with a subPath of a pod that mounts images: it means nothing here.
  else checkAbsolutePath(`${field}: host_path`, mount.hostPath);
  if (mount.mountOptions.length > 0) {
    throw unimplemented(`${field}: mount_options`, `Docker cannot mount with ${mount.mountOptions.join(',')}`);
  }
  if (mount.uidMappings.length > 0 || mount.gidMappings.length > 0) {
    throw unimplemented(`${field}: uidMappings and gidMappings`, 'Docker has no id-mapped mounts');
  }
  if (MountPropagation[mount.propagation] === undefined) {
    throw invalid(`${field}: propagation`, `is unknown: ${mount.propagation}`);
  }
  if (mount.recursiveReadOnly) checkRecursiveReadOnly(field, mount, abilities);
}

/** CRI: the file system of an image, read-only; a part of it is named relative to its root. */
function checkImageMount(field: string, mount: CriMount, image: ImageSpec, abilities: MountAbilities): void {
  if (!abilities.imageMounts) {
    throw unimplemented(`${field}: image`, `needs Docker 28, or 29.1.4 or later; this is Docker ${abilities.engine}`);
  }
  if (image.image === '') throw invalid(`${field}: image`, 'is missing');
  checkImageReference(`${field}: image`, image.image);
  if (mount.hostPath !== '') throw invalid(`${field}: host_path`, 'must be empty when there is an image');
  if (!mount.readonly) throw invalid(`${field}: readonly`, 'must be set when there is an image');
  if (mount.propagation !== MountPropagation.PROPAGATION_PRIVATE) {
    throw invalid(`${field}: propagation`, 'must be private when there is an image');
  }
  checkNoControl(`${field}: image_sub_path`, mount.imageSubPath);
  if (mount.imageSubPath.startsWith('/') || mount.imageSubPath.split('/').includes('..')) {
    throw invalid(`${field}: image_sub_path`, `must be relative, without "..": ${JSON.stringify(mount.imageSubPath)}`);
  }
}

/** CRI: recursive_read_only needs readonly and private propagation, and a runtime that can do it. */
function checkRecursiveReadOnly(field: string, mount: CriMount, abilities: MountAbilities): void {
  if (!mount.readonly) throw invalid(`${field}: recursive_read_only`, 'needs readonly too');
  if (mount.propagation !== MountPropagation.PROPAGATION_PRIVATE) {
    throw invalid(`${field}: recursive_read_only`, 'needs private propagation');
  }
  // Nothing can be mounted below an image's directories.
  if (mount.image !== undefined) return;
  if (abilities.selinux && mount.selinuxRelabel) {
    throw unimplemented(
      `${field}: recursive_read_only`,
      'Docker cannot relabel such a mount: leave selinux_relabel out',
    );
  }
  if (!abilities.recursiveReadOnly) {
    const needed = 'Docker 25, Linux 5.12 and an OCI runtime that can';
    throw unimplemented(`${field}: recursive_read_only`, `needs ${needed}; this is Docker ${abilities.engine}`);
  }
}

/**
 * Mounts in Docker's form. Binds to be relabelled for SELinux take the older one, which alone knows how, but has no word
 * for how far read-only reaches: what it comes to, the status says. Images get the container's label by themselves.
 */
export function dockerMounts(
  mounts: readonly CriMount[],
  abilities: MountAbilities,
): Pick<HostConfig, 'Mounts' | 'Binds'> {
  const relabelled = (mount: CriMount): boolean =>
    abilities.selinux && mount.selinuxRelabel && mount.image === undefined;
  const binds = mounts.filter(relabelled).map(toBind);
  return {
    Mounts: withSourcesApart(mounts.filter((mount) => !relabelled(mount)).map((mount) => toMount(mount, abilities))),
    ...(binds.length > 0 && { Binds: binds }),
  };
}

/**
 * Docker 28 names an image's mount by container and source alone, and so takes no image twice. Each one more is given by
 * a shorter beginning of its id.
 */
function withSourcesApart(mounts: readonly Mount[]): Mount[] {
  const taken = new Set<string>();
  return mounts.map((mount) => {
    if (mount.Type !== 'image') return mount;
    let source = mount.Source;
    while (taken.has(source)) source = source.slice(0, -1);
    taken.add(source);
    return { ...mount, Source: source };
  });
}

function toMount(mount: CriMount, abilities: MountAbilities): Mount {
  if (mount.image !== undefined) return toImageMount(mount, mount.image);
  const propagation = dockerPropagation(mount.propagation);
  return {
    Type: 'bind',
    Source: mount.hostPath,
    Target: mount.containerPath,
    ReadOnly: mount.readonly,
    BindOptions: {
      CreateMountpoint: true,
      ...(propagation !== undefined && { Propagation: propagation }),
      ...(mount.readonly && abilities.readOnlyReach && readOnlyReach(mount)),
    },
  };
}

function toImageMount(mount: CriMount, image: ImageSpec): Mount {
  return {
    Type: 'image',
    Source: image.image,
    Target: mount.containerPath,
    ReadOnly: true,
    ...(mount.imageSubPath !== '' && { ImageOptions: { Subpath: mount.imageSubPath } }),
  };
}

/** Docker 25 made read-only reach below the mount where the kernel can. CRI says exactly when it must, and else not. */
function readOnlyReach(mount: CriMount): Mount['BindOptions'] {
  return mount.recursiveReadOnly ? { ReadOnlyForceRecursive: true } : { ReadOnlyNonRecursive: true };
}

function toBind(mount: CriMount): string {
  if (mount.hostPath.includes(':') || mount.containerPath.includes(':')) {
    throw unimplemented(`mount ${mount.containerPath}: selinux_relabel`, 'Docker cannot relabel a path with a colon');
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
