import { posix } from 'node:path';
import { MountPropagation, type ImageSpec, type Mount as CriMount } from '../../generated/runtime/v1/api';
import type { ContainerInspect, Mount, MountPoint } from '../docker/types';

const NO_IMAGE: ImageSpec = { image: '', imageRef: '', annotations: {}, userSpecifiedImage: '', runtimeHandler: '' };

/** In the mode of a bind, such as `ro,rslave`. */
const BIND_PROPAGATION = /\br?(slave|shared|private)\b/;

/** The binds and images of a container's mounts as CRI reports them. Anonymous volumes of the image are Docker's affair. */
export function readMounts(container: ContainerInspect): CriMount[] {
  // Docker keeps the path that was asked for, and reports it cleaned: `/data/` is `/data`.
  const asked = new Map((container.HostConfig.Mounts ?? []).map((mount) => [posix.resolve(mount.Target), mount]));
  return (container.Mounts ?? [])
    .filter(({ Type: type }) => type === 'bind' || type === 'image')
    .map((point) => readMount(point, asked.get(point.Destination)));
}

function readMount(point: MountPoint, asked: Mount | undefined): CriMount {
  const image = point.Type === 'image' ? asked?.Source : undefined;
  // Docker itself makes rslave of private where the mount has Docker's own directory in it. Of a bind, the mode tells.
  const told = asked === undefined ? BIND_PROPAGATION.exec(point.Mode ?? '')?.[0] : asked.BindOptions?.Propagation;
  return {
    containerPath: point.Destination,
    // For an image the source is a directory of Docker's own, which is not told.
    hostPath: image === undefined ? (point.Source ?? '') : '',
    readonly: !point.RW,
    selinuxRelabel: /(^|,)[zZ](,|$)/.test(point.Mode ?? ''),
    propagation: criPropagation(told === undefined ? undefined : point.Propagation),
    uidMappings: [],
    gidMappings: [],
    recursiveReadOnly: asked?.BindOptions?.ReadOnlyForceRecursive ?? false,
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
