import { Mount, MountPropagation } from '../../../generated/runtime/v1/api';
import type { HostConfig } from '../../../src/docker/types';
import { checkMounts, dockerMounts } from '../../../src/translate/mounts';
import { testFields, type FieldTable } from '../../support/field-table';
import { refusal } from '../../support/refusal';

type Given = Parameters<typeof Mount.fromPartial>[0];

const { PROPAGATION_PRIVATE, PROPAGATION_HOST_TO_CONTAINER, PROPAGATION_BIDIRECTIONAL } = MountPropagation;
const DOCKER_20 = {
  readOnlyReach: false,
  recursiveReadOnly: false,
  imageMounts: false,
  selinux: false,
  engine: '20.10.24',
};
const DOCKER_28 = { readOnlyReach: true, recursiveReadOnly: true, imageMounts: true, selinux: true, engine: '28.0.1' };

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

const IMAGE = { containerPath: '/data', image: { image: 'data:1' }, readonly: true };
const MOUNTED_IMAGE = { Type: 'image', Source: 'data:1', Target: '/data', ReadOnly: true } as const;

const FIELDS: FieldTable<Mount, Given, HostConfig> = {
  containerPath: [
    [DATA, only({})],
    [{ hostPath: '/srv' }, /^InvalidArgument: config\.mounts\.container_path is missing/],
    [{ ...DATA, containerPath: '/' }, /^InvalidArgument: mount \/: container_path must not be the container's root/],
    [{ ...DATA, containerPath: '/a/..' }, /^InvalidArgument: mount \/a\/\.\.: container_path must not be the/],
    [{ ...DATA, containerPath: 'data' }, /^InvalidArgument: config\.mounts\.container_path must be an absolute path/],
    [{ ...DATA, containerPath: '/a\0' }, /^InvalidArgument: config\.mounts\.container_path has a control character/],
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
      /^Unimplemented: mount \/data: selinux_relabel: Docker cannot relabel a path with a colon/,
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
  image: [
    [IMAGE, { Mounts: [MOUNTED_IMAGE] }],
    [{ ...IMAGE, selinuxRelabel: true, recursiveReadOnly: true }, { Mounts: [MOUNTED_IMAGE] }],
    [{ ...IMAGE, readonly: false }, /^InvalidArgument: mount \/data: readonly must be set when there is an image/],
    [{ ...IMAGE, hostPath: '/srv' }, /^InvalidArgument: mount \/data: host_path must be empty when there is an image/],
    [{ ...IMAGE, image: { image: '' } }, /^InvalidArgument: mount \/data: image is missing/],
    [{ ...IMAGE, image: { image: 'a\nb' } }, /^InvalidArgument: mount \/data: image: "a\\nb" is no image reference/],
    [
      { ...IMAGE, image: { image: 'data?1' } },
      /^InvalidArgument: mount \/data: image: "data\?1" is no image reference/,
    ],
    [
      { ...IMAGE, propagation: PROPAGATION_BIDIRECTIONAL },
      /^InvalidArgument: mount \/data: propagation must be private when there is an image/,
    ],
    [{ ...IMAGE, mountOptions: ['noexec'] }, /^Unimplemented: mount \/data: mount_options: .*noexec/],
  ],
  imageSubPath: [
    [{ ...IMAGE, imageSubPath: 'etc/app' }, { Mounts: [{ ...MOUNTED_IMAGE, ImageOptions: { Subpath: 'etc/app' } }] }],
    // The kubelet sets it so.
    [{ ...DATA, imageSubPath: 'sub' }, only({})],
    [{ ...IMAGE, imageSubPath: '/etc' }, /^InvalidArgument: mount \/data: image_sub_path must be relative, without/],
    [{ ...IMAGE, imageSubPath: 'etc/../..' }, /^InvalidArgument: mount \/data: image_sub_path must be relative/],
    [{ ...IMAGE, imageSubPath: 'etc\0' }, /^InvalidArgument: mount \/data: image_sub_path has a control character/],
  ],
  mountOptions: [
    [{ ...DATA, mountOptions: ['noexec', 'nodev'] }, /^Unimplemented: mount \/data: mount_options: .*noexec,nodev/],
  ],
};

testFields(FIELDS, (given) => {
  const mount = Mount.fromPartial(given);
  checkMounts([mount], DOCKER_28);
  return dockerMounts([mount], DOCKER_28);
});

describe('an engine without recursive read-only', () => {
  it('makes a read-only mount without words that it does not know', () => {
    const mount = Mount.fromPartial({ ...DATA, readonly: true });
    expect(dockerMounts([mount], DOCKER_20)).toEqual(only({ ReadOnly: true }));
  });

  it('refuses what it cannot do, and says who could', () => {
    expect(refusal(() => checkMounts([Mount.fromPartial(RECURSIVE)], DOCKER_20))).toBe(
      'Unimplemented: mount /data: recursive_read_only: needs Docker 25, Linux 5.12 and an OCI runtime that can; ' +
        'this is Docker 20.10.24',
    );
  });
});

it('an engine before Docker 28 mounts no images', () => {
  expect(refusal(() => checkMounts([Mount.fromPartial(IMAGE)], DOCKER_20))).toBe(
    'Unimplemented: mount /data: image: needs Docker 28, or 29.1.4 or later; this is Docker 20.10.24',
  );
});

it('one path has one mount', () => {
  const mounts = [DATA, { ...DATA, containerPath: '/data/below' }, { ...DATA, containerPath: '/x/../data/' }];
  expect(
    refusal(() =>
      checkMounts(
        mounts.map((mount) => Mount.fromPartial(mount)),
        DOCKER_20,
      ),
    ),
  ).toBe('InvalidArgument: mount /x/../data/: container_path has another mount already');
});

it('an engine that does not label files relabels none', () => {
  const mount = Mount.fromPartial({ ...DATA, selinuxRelabel: true });
  expect(dockerMounts([mount], { ...DOCKER_28, selinux: false })).toEqual(only({}));
});
