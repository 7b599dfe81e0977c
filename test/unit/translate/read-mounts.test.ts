import { posix } from 'node:path';
import { Mount, MountPropagation } from '../../../generated/runtime/v1/api';
import type { ContainerInspect, HostConfig, MountPoint } from '../../../src/docker/types';
import { dockerMounts } from '../../../src/translate/mounts';
import { readMounts } from '../../../src/translate/read-mounts';

type Given = Parameters<typeof Mount.fromPartial>[0];

const { PROPAGATION_PRIVATE, PROPAGATION_HOST_TO_CONTAINER, PROPAGATION_BIDIRECTIONAL } = MountPropagation;
const DOCKER_28 = { readOnlyReach: true, recursiveReadOnly: true, imageMounts: true, selinux: true, engine: '28.0.1' };
const DATA = { containerPath: '/data', hostPath: '/srv/data' };
const RECURSIVE = { ...DATA, readonly: true, recursiveReadOnly: true };

function inspected(points: MountPoint[], HostConfig: HostConfig = {}): ContainerInspect {
  return { HostConfig, Mounts: points } as unknown as ContainerInspect;
}

/** What Docker makes of a body. It takes the propagation of the host where none is asked for, and cleans the path. */
function carriedOut(host: HostConfig): ContainerInspect {
  const binds = (host.Binds ?? []).map((bind) => {
    const [Source = '', path = '', Mode = ''] = bind.split(':');
    return { Type: 'bind', Source, Destination: posix.resolve(path), Mode, RW: !Mode.includes('ro') };
  });
  const points = (host.Mounts ?? []).map((mount) => ({
    Type: mount.Type,
    Source: mount.Source,
    Destination: posix.resolve(mount.Target),
    Mode: '',
    RW: mount.ReadOnly !== true,
    Propagation: mount.BindOptions?.Propagation ?? 'rslave',
  }));
  return inspected([...binds, ...points], host);
}

it.each<Given>([
  DATA,
  { ...DATA, readonly: true },
  RECURSIVE,
  { ...DATA, propagation: PROPAGATION_HOST_TO_CONTAINER },
  { ...DATA, propagation: PROPAGATION_BIDIRECTIONAL, readonly: true },
])('%j is what it was', (given) => {
  const mount = Mount.fromPartial(given);
  expect(readMounts(carriedOut(dockerMounts([mount], DOCKER_28)), true)).toEqual([mount]);
});

it('an image is told by its id, and Docker’s directory for it is not', () => {
  const id = `sha256:${'1a'.repeat(32)}`;
  const mount = Mount.fromPartial({
    containerPath: '/data',
    image: { image: id },
    imageSubPath: 'etc',
    readonly: true,
  });
  const container = carriedOut(dockerMounts([mount], DOCKER_28));
  const [point] = container.Mounts ?? [];
  const merged = { ...point, Source: '/var/lib/docker/overlay2/1/merged', Name: id, Propagation: 'rprivate' };
  expect(readMounts(inspected([merged as MountPoint], container.HostConfig), true)).toEqual([
    Mount.fromPartial({ ...mount, image: { image: id, imageRef: id } }),
  ]);
});

it('an image that is mounted twice is given twice, in other words, and told by its id', () => {
  const ids = [`sha256:${'1a'.repeat(32)}`, `sha256:${'2b'.repeat(32)}`];
  const [one = '', other = ''] = ids;
  const images = [one, one, other, one];
  const mounts = images.map((image, index) =>
    Mount.fromPartial({ containerPath: `/data${index}`, image: { image }, readonly: true }),
  );
  const host = dockerMounts(mounts, DOCKER_28);
  const sources = (host.Mounts ?? []).map(({ Source }) => Source);
  expect(sources).toEqual([one, one.slice(0, -1), other, one.slice(0, -2)]);
  const told = readMounts(carriedOut(host), true);
  expect(told.map(({ image }) => image?.image)).toEqual(images);
});

it.each(['/data/', '/tmp/./log', '/tmp/x/../log', '//data'])(
  'the path %s is told as it was asked for',
  (containerPath) => {
    for (const given of [
      { ...RECURSIVE, containerPath },
      { ...DATA, selinuxRelabel: true, containerPath },
    ]) {
      const mount = Mount.fromPartial(given);
      expect(readMounts(carriedOut(dockerMounts([mount], DOCKER_28)), true)).toEqual([mount]);
    }
  },
);

it.each([
  ['', 'rprivate', PROPAGATION_PRIVATE],
  // Docker makes it so where its own directory is below.
  ['', 'rslave', PROPAGATION_PRIVATE],
  ['ro,Z', undefined, PROPAGATION_PRIVATE],
  ['private', 'private', PROPAGATION_PRIVATE],
  ['ro,rslave', 'rslave', PROPAGATION_HOST_TO_CONTAINER],
  ['slave', 'slave', PROPAGATION_HOST_TO_CONTAINER],
  ['rshared', 'rshared', PROPAGATION_BIDIRECTIONAL],
  ['shared,ro', 'shared', PROPAGATION_BIDIRECTIONAL],
])("a predecessor's bind with the mode %j, whose propagation is %p, is %p", (Mode, propagation, expected) => {
  const point = { Type: 'bind', Source: '/srv', Destination: '/data', RW: true, Mode };
  const container = inspected([{ ...point, ...(propagation !== undefined && { Propagation: propagation }) }]);
  expect(readMounts(container, false)[0]?.propagation).toBe(expected);
});

it.each([
  ['Z', true],
  ['z', true],
  ['ro,Z', true],
  ['Z,ro', true],
  ['ro', false],
  ['Zz', false],
  ['', false],
])('a mode of %j is relabelled: %p', (Mode, relabelled) => {
  const container = inspected([{ Type: 'bind', Source: '/srv', Destination: '/data', RW: true, Mode }]);
  expect(readMounts(container, false)[0]?.selinuxRelabel).toBe(relabelled);
});

it.each([
  [true, true, true],
  [true, false, false],
  [false, true, false],
])(
  'a bind to be relabelled, read-only %p, on an engine that reaches below %p, is recursive %p',
  (readonly, reaches, is) => {
    const mount = Mount.fromPartial({ ...DATA, selinuxRelabel: true, readonly });
    const container = carriedOut(dockerMounts([mount], DOCKER_28));
    expect(readMounts(container, reaches)).toEqual([{ ...mount, recursiveReadOnly: is }]);
  },
);

it('volumes are not mounts of CRI', () => {
  const volume = { Type: 'volume', Name: 'v', Source: '/var/lib/docker/volumes/v', Destination: '/data', RW: true };
  expect(readMounts(inspected([volume]), true)).toEqual([]);
  expect(readMounts({ HostConfig: {}, Mounts: null } as unknown as ContainerInspect, true)).toEqual([]);
});
