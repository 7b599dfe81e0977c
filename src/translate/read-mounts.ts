import { posix } from 'node:path';
import { MountPropagation, type ImageSpec, type Mount as CriMount } from '../../generated/runtime/v1/api';
import type { ContainerInspect, Mount, MountPoint } from '../docker/types';

const NO_IMAGE: ImageSpec = { image: '', imageRef: '', annotations: {}, userSpecifiedImage: '', runtimeHandler: '' };

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
  const asksPrivate = asked !== undefined && asked.BindOptions?.Propagation === undefined;
  return {
    containerPath: point.Destination,
    // Of an image, Docker's directory for it, which is nobody's business.
    hostPath: image === undefined ? (point.Source ?? '') : '',
    readonly: !point.RW,
    selinuxRelabel: /(^|,)[zZ](,|$)/.test(point.Mode ?? ''),
    propagation: asksPrivate ? MountPropagation.PROPAGATION_PRIVATE : criPropagation(point.Propagation),
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
