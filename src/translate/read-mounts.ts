import { posix } from 'node:path';
import { MountPropagation, type ImageSpec, type Mount as CriMount } from '../../generated/runtime/v1/api';
import type { ContainerInspect, Mount, MountPoint } from '../docker/types';

const NO_IMAGE: ImageSpec = { image: '', imageRef: '', annotations: {}, userSpecifiedImage: '', runtimeHandler: '' };

/** In the mode of a bind, such as `ro,rslave`. */
const BIND_PROPAGATION = /\br?(slave|shared|private)\b/;

/** The binds and images of a container's mounts as CRI reports them. Anonymous volumes of the image are Docker's affair. */
export function readMounts(container: ContainerInspect): CriMount[] {
  const { Mounts: mounts, Binds: binds } = container.HostConfig;
  // Docker keeps the path that was asked for, and reports it cleaned: `/data/` is `/data`. Clients compare it as a text.
  const asked = new Map((mounts ?? []).map((mount) => [posix.resolve('/', mount.Target), mount]));
  const targets = [...(mounts ?? []).map((mount) => mount.Target), ...(binds ?? []).map(targetOf)];
  const paths = new Map(targets.map((path) => [posix.resolve('/', path), path]));
  return (container.Mounts ?? [])
    .filter(({ Type: type }) => type === 'bind' || type === 'image')
    .map(({ Destination: path, ...point }) => readMount(point, asked.get(path), paths.get(path) ?? path));
}

/** Of a bind, `source:target` or `source:target:mode`. */
function targetOf(bind: string): string {
  return bind.split(':')[1] ?? '';
}

function readMount(point: Omit<MountPoint, 'Destination'>, asked: Mount | undefined, path: string): CriMount {
  const image = point.Type === 'image' ? asked?.Source : undefined;
  // Docker itself makes rslave of private where the mount has Docker's own directory in it. Of a bind, the mode tells.
  const told = asked === undefined ? BIND_PROPAGATION.exec(point.Mode ?? '')?.[0] : asked.BindOptions?.Propagation;
  return {
    containerPath: path,
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
