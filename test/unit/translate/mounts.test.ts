import { Mount, MountPropagation } from '../../../generated/runtime/v1/api';
import type { ContainerInspect, HostConfig, MountPoint } from '../../../src/docker/types';
import { checkMount, dockerMounts, readMounts } from '../../../src/translate/mounts';
import { testFields, type FieldTable } from '../../support/field-table';
import { refusal } from '../../support/refusal';

type Given = Parameters<typeof Mount.fromPartial>[0];

const { PROPAGATION_PRIVATE, PROPAGATION_HOST_TO_CONTAINER, PROPAGATION_BIDIRECTIONAL } = MountPropagation;
const DOCKER_20 = { recursiveReadOnly: false, selinux: false, engine: 'Docker 20.10.24' };
const DOCKER_28 = { recursiveReadOnly: true, selinux: true, engine: 'Docker 28.0.1' };

const DATA = { containerPath: '/data', hostPath: '/srv/data' };
const BIND = {
  Type: 'bind',
  Source: '/srv/data',
  Target: '/data',
  ReadOnly: false,
  BindOptions: { CreateMountpoint: true },
} as const;

function only(mount: object): HostConfig {
  return { Mounts: [{ ...BIND, ...mount }] };
}

const READ_ONLY = only({ ReadOnly: true, BindOptions: { CreateMountpoint: true, ReadOnlyNonRecursive: true } });
const RECURSIVE = { ...DATA, readonly: true, recursiveReadOnly: true };

const FIELDS: FieldTable<Mount, Given, HostConfig> = {
  containerPath: [
    [DATA, only({})],
    [{ hostPath: '/srv' }, /^InvalidArgument: mount \(without container_path\): container_path is missing/],
    [{ ...DATA, containerPath: 'data' }, /^InvalidArgument: mount data: container_path must be an absolute path/],
    [{ ...DATA, containerPath: '/a\0' }, /^InvalidArgument: .*container_path has a control character/],
  ],
  hostPath: [
    [{ containerPath: '/data' }, /^InvalidArgument: mount \/data: host_path is missing/],
    [{ ...DATA, hostPath: 'srv' }, /^InvalidArgument: mount \/data: host_path must be an absolute path/],
    [{ ...DATA, hostPath: '/srv\n' }, /^InvalidArgument: mount \/data: host_path has a control character/],
  ],
  readonly: [
    [{ ...DATA, readonly: false }, only({})],
    [{ ...DATA, readonly: true }, READ_ONLY],
  ],
  selinuxRelabel: [
    [
      { ...DATA, selinuxRelabel: true },
      { Mounts: [], Binds: ['/srv/data:/data:Z'] },
    ],
    [
      { ...DATA, selinuxRelabel: true, readonly: true, propagation: PROPAGATION_HOST_TO_CONTAINER },
      { Mounts: [], Binds: ['/srv/data:/data:Z,ro,rslave'] },
    ],
    [
      { ...DATA, hostPath: '/srv:data', selinuxRelabel: true },
      /^Unimplemented: mount \/data: selinux_relabel: Docker can not relabel a path with a colon/,
    ],
    [{ hostPath: '/srv', containerPath: '/d:ro', selinuxRelabel: true }, /^Unimplemented: .*a path with a colon/],
  ],
  propagation: [
    [{ ...DATA, propagation: PROPAGATION_PRIVATE }, only({})],
    [
      { ...DATA, propagation: PROPAGATION_HOST_TO_CONTAINER },
      only({ BindOptions: { CreateMountpoint: true, Propagation: 'rslave' } }),
    ],
    [
      { ...DATA, propagation: PROPAGATION_BIDIRECTIONAL },
      only({ BindOptions: { CreateMountpoint: true, Propagation: 'rshared' } }),
    ],
    [{ ...DATA, propagation: 3 as MountPropagation }, /^InvalidArgument: mount \/data: propagation is unknown: 3/],
  ],
  uidMappings: [
    [{ ...DATA, uidMappings: [{ length: 1 }] }, /^Unimplemented: mount \/data: uidMappings and gidMappings/],
  ],
  gidMappings: [
    [{ ...DATA, gidMappings: [{ length: 1 }] }, /^Unimplemented: mount \/data: uidMappings and gidMappings/],
  ],
  recursiveReadOnly: [
    [RECURSIVE, only({ ReadOnly: true, BindOptions: { CreateMountpoint: true, ReadOnlyForceRecursive: true } })],
    [{ ...DATA, recursiveReadOnly: true }, /^InvalidArgument: mount \/data: recursive_read_only needs readonly too/],
    [
      { ...RECURSIVE, propagation: PROPAGATION_HOST_TO_CONTAINER },
      /^InvalidArgument: mount \/data: recursive_read_only needs private propagation/,
    ],
    [{ ...RECURSIVE, selinuxRelabel: true }, /^Unimplemented: mount \/data: recursive_read_only: .*relabel/],
  ],
  image: [[{ containerPath: '/data', image: { image: 'data:1' }, readonly: true }, /^Unimplemented: mount \/data: /]],
  imageSubPath: [[{ ...DATA, imageSubPath: 'sub' }, /^Unimplemented: mount \/data: /]],
  mountOptions: [
    [{ ...DATA, mountOptions: ['noexec', 'nodev'] }, /^Unimplemented: mount \/data: mount_options: .*noexec,nodev/],
  ],
};

testFields(FIELDS, (given) => {
  const mount = Mount.fromPartial(given);
  checkMount(mount, DOCKER_28);
  return dockerMounts([mount], DOCKER_28);
});

describe('an engine without recursive read-only', () => {
  it('makes a read-only mount without words that it does not know', () => {
    const mount = Mount.fromPartial({ ...DATA, readonly: true });
    expect(dockerMounts([mount], DOCKER_20)).toEqual(only({ ReadOnly: true }));
  });

  it('refuses what it can not do, and says who could', () => {
    expect(refusal(() => checkMount(Mount.fromPartial(RECURSIVE), DOCKER_20))).toBe(
      'Unimplemented: mount /data: recursive_read_only: needs Docker 25 or later, this is Docker 20.10.24',
    );
  });
});

it('an engine that does not label files relabels none', () => {
  const mount = Mount.fromPartial({ ...DATA, selinuxRelabel: true });
  expect(dockerMounts([mount], { ...DOCKER_28, selinux: false })).toEqual(only({}));
});

describe('read back', () => {
  function inspected(points: MountPoint[], HostConfig: HostConfig = {}): ContainerInspect {
    return { HostConfig, Mounts: points } as unknown as ContainerInspect;
  }

  /** What Docker makes of a body. It takes the propagation of the host where none is asked for, and cleans the path. */
  function carriedOut(host: HostConfig): ContainerInspect {
    const points = (host.Mounts ?? []).map((mount) => ({
      Type: mount.Type,
      Source: mount.Source,
      Destination: mount.Target.replace(/(?<=.)\/+$/, ''),
      Mode: '',
      RW: mount.ReadOnly !== true,
      Propagation: mount.BindOptions?.Propagation ?? 'rslave',
    }));
    return inspected(points, host);
  }

  it.each<Given>([
    DATA,
    { ...DATA, readonly: true },
    RECURSIVE,
    { ...DATA, propagation: PROPAGATION_HOST_TO_CONTAINER },
    { ...DATA, propagation: PROPAGATION_BIDIRECTIONAL, readonly: true },
  ])('%j is what it was', (given) => {
    const mount = Mount.fromPartial(given);
    expect(readMounts(carriedOut(dockerMounts([mount], DOCKER_28)))).toEqual([mount]);
  });

  it('a mount is found again though Docker cleans its path', () => {
    const mount = Mount.fromPartial({ ...RECURSIVE, containerPath: '/data/' });
    expect(readMounts(carriedOut(dockerMounts([mount], DOCKER_28)))).toEqual([{ ...mount, containerPath: '/data' }]);
  });

  it.each([
    ['rprivate', PROPAGATION_PRIVATE],
    ['private', PROPAGATION_PRIVATE],
    ['', PROPAGATION_PRIVATE],
    [undefined, PROPAGATION_PRIVATE],
    ['rslave', PROPAGATION_HOST_TO_CONTAINER],
    ['slave', PROPAGATION_HOST_TO_CONTAINER],
    ['rshared', PROPAGATION_BIDIRECTIONAL],
    ['shared', PROPAGATION_BIDIRECTIONAL],
  ])("a predecessor's bind of propagation %p is %p", (propagation, expected) => {
    const point = { Type: 'bind', Source: '/srv', Destination: '/data', RW: true };
    const container = inspected([{ ...point, ...(propagation !== undefined && { Propagation: propagation }) }]);
    expect(readMounts(container)[0]?.propagation).toBe(expected);
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
    expect(readMounts(container)[0]?.selinuxRelabel).toBe(relabelled);
  });

  it('volumes are not mounts of CRI', () => {
    const volume = { Type: 'volume', Name: 'v', Source: '/var/lib/docker/volumes/v', Destination: '/data', RW: true };
    expect(readMounts(inspected([volume]))).toEqual([]);
    expect(readMounts({ HostConfig: {}, Mounts: null } as unknown as ContainerInspect)).toEqual([]);
  });
});
