import { posix } from 'node:path';
import { MountPropagation, type ImageSpec, type Mount as CriMount } from '../../generated/runtime/v1/api';
import type { ContainerInspect, Mount, MountPoint } from '../docker/types';

const NO_IMAGE: ImageSpec = { image: '', imageRef: '', annotations: {}, userSpecifiedImage: '', runtimeHandler: '' };

/** In the mode of a bind, such as `ro,rslave`. */
const BIND_PROPAGATION = /\br?(slave|shared|private)\b/;

/**
 * The binds and images of a container's mounts as CRI reports them. Anonymous volumes of the image are Docker's affair.
 * @param reachesBelow whether this engine and runtime make all that is below a mount read-only with it, unless told not to.
 */
export function readMounts(container: ContainerInspect, reachesBelow: boolean): CriMount[] {
  const { Mounts: mounts, Binds: binds } = container.HostConfig;
  // Docker keeps the path that was asked for, and reports it cleaned: `/data/` is `/data`. Clients compare it as a text.
  const asked = new Map((mounts ?? []).map((mount) => [posix.resolve('/', mount.Target), mount]));
  const bound = new Map((binds ?? []).map(targetOf).map((path) => [posix.resolve('/', path), path]));
  return (container.Mounts ?? [])
    .filter(({ Type: type }) => type === 'bind' || type === 'image')
    .map((point) => {
      const mount = asked.get(point.Destination);
      const path = mount?.Target ?? bound.get(point.Destination) ?? point.Destination;
      return readMount(point, mount && withWholeSource(mount, mounts ?? []), path, reachesBelow);
    });
}

/** An image that is mounted once more is given by the beginning of its id (`dockerMounts`). */
function withWholeSource(mount: Mount, all: readonly Mount[]): Mount {
  if (mount.Type !== 'image') return mount;
  const whole = all.find(({ Type, Source }) => Type === 'image' && Source.startsWith(mount.Source));
  return { ...mount, Source: whole?.Source ?? mount.Source };
}

/** Of a bind, `source:target` or `source:target:mode`. */
function targetOf(bind: string): string {
  return bind.split(':')[1] ?? '';
}

/** As Docker decides it. A bind in the older form, with which SELinux's labels come, has no word for it. */
function isRecursive(point: MountPoint, asked: Mount['BindOptions'], reachesBelow: boolean): boolean {
  if (point.RW || point.Type !== 'bind' || asked?.ReadOnlyNonRecursive) return false;
  return reachesBelow || (asked?.ReadOnlyForceRecursive ?? false);
}

function readMount(point: MountPoint, asked: Mount | undefined, path: string, reachesBelow: boolean): CriMount {
  const image = point.Type === 'image' ? asked?.Source : undefined;
  // Docker itself makes rslave of private where the mount has Docker's own directory in it. Of a bind, the mode tells.
  const told = asked === undefined ? BIND_PROPAGATION.exec(point.Mode ?? '')?.[0] : asked.BindOptions?.Propagation;
  return {
    containerPath: path,
    // For an image the source is a directory of Docker's own, which is not told.
    hostPath: image === undefined ? (point.Source ?? '') : '',
    readonly: !point.RW,
    recursiveReadOnly: isRecursive(point, asked?.BindOptions, reachesBelow),
    selinuxRelabel: /(^|,)[zZ](,|$)/.test(point.Mode ?? ''),
    propagation: criPropagation(told === undefined ? undefined : point.Propagation),
    uidMappings: [],
    gidMappings: [],
    image: image === undefined ? undefined : { ...NO_IMAGE, image, imageRef: image },
    imageSubPath: asked?.ImageOptions?.Subpath ?? '',
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
