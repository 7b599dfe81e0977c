import { spawnSync } from 'node:child_process';
import { access, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ContainerState,
  MountPropagation as Propagation,
  RuntimeServiceService as Runtime,
} from '../../generated/runtime/v1/api';
import { compareApiVersions } from '../../src/docker/api-version';
import { EngineConnection } from '../../src/docker/connection';
import { DockerodeEngine } from '../../src/docker/dockerode-engine';
import type { ContainerCreate } from '../../src/docker/types';
import { aCall } from '../support/a-call';
import { docker, ENGINE_SOCKET, engineInfo, inspect } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';

jest.setTimeout(60_000);

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  pod = await pods.run();
});

afterAll(() => shim.stop());

/** A directory of the host with a file in it. */
async function hostDirectory(name: string): Promise<string> {
  const directory = join(shim.directory, name);
  await mkdir(directory);
  await writeFile(join(directory, 'file'), `in ${name}\n`);
  return directory;
}

describe('a mount', () => {
  it('shows the host’s directory, and what the container writes there', async () => {
    const hostPath = await hostDirectory('written');
    const id = await pods.started(pod, { mounts: [{ hostPath, containerPath: '/data' }] });

    expect(await pods.script(id, 'cat /data/file; echo new >/data/new')).toBe('in written\n');

    expect(await readFile(join(hostPath, 'new'), 'utf8')).toBe('new\n');
    expect((await pods.status(id)).mounts).toEqual([
      expect.objectContaining({
        hostPath,
        containerPath: '/data',
        readonly: false,
        propagation: Propagation.PROPAGATION_PRIVATE,
        recursiveReadOnly: false,
      }),
    ]);
  });

  it('can be read-only', async () => {
    const hostPath = await hostDirectory('read-only');
    const id = await pods.started(pod, { mounts: [{ hostPath, containerPath: '/data', readonly: true }] });

    expect(await pods.script(id, 'cat /data/file; touch /data/new 2>/dev/null || echo refused')).toBe(
      'in read-only\nrefused\n',
    );
    expect((await pods.status(id)).mounts).toMatchObject([{ readonly: true }]);
  });

  it('has its path in the status as it was asked for', async () => {
    const mounts = [{ hostPath: await hostDirectory('uncleaned'), containerPath: '/tmp/./uncleaned/' }];
    const id = await pods.started(pod, { mounts });

    expect(await pods.script(id, 'cat /tmp/uncleaned/file')).toBe('in uncleaned\n');
    expect((await pods.status(id)).mounts).toMatchObject(mounts);
  });

  it('can be of one file', async () => {
    const hostPath = join(await hostDirectory('one-file'), 'file');
    const id = await pods.started(pod, { mounts: [{ hostPath, containerPath: '/etc/one' }] });

    expect(await pods.script(id, 'cat /etc/one')).toBe('in one-file\n');
  });

  it('can go below another one', async () => {
    const [outer, inner] = [await hostDirectory('outer'), await hostDirectory('inner')];
    await mkdir(join(outer, 'below'));
    const mounts = [
      { hostPath: inner, containerPath: '/data/below' },
      { hostPath: outer, containerPath: '/data' },
    ];
    const id = await pods.started(pod, { mounts });

    expect(await pods.script(id, 'cat /data/file /data/below/file')).toBe('in outer\nin inner\n');
  });

  it('of a path that is not there makes it a directory', async () => {
    const hostPath = join(shim.directory, 'not', 'there', 'yet');
    const id = await pods.started(pod, { mounts: [{ hostPath, containerPath: '/data' }] });

    expect(await pods.script(id, 'ls -A /data')).toBe('');
    expect((await stat(hostPath)).isDirectory()).toBe(true);
  });

  it('of a link is one of what the link leads to', async () => {
    const target = await hostDirectory('link-target');
    const hostPath = join(shim.directory, 'link');
    await symlink(target, hostPath);

    const id = await pods.started(pod, { mounts: [{ hostPath, containerPath: '/data' }] });

    expect(await pods.script(id, 'cat /data/file')).toBe('in link-target\n');
    expect((await inspect(id)).Mounts).toMatchObject([{ Source: target }]);
  });

  it('of a link that leads nowhere is refused, with its path', async () => {
    const hostPath = join(shim.directory, 'broken');
    await symlink(join(shim.directory, 'nowhere'), hostPath);

    await expect(pods.create(pod, { mounts: [{ hostPath, containerPath: '/data' }] })).rejects.toMatchObject(
      refusal('INVALID_ARGUMENT', /mount \/data: host_path .*broken/),
    );
  });
});

describe('propagation', () => {
  const mount = (...args: string[]) => spawnSync('mount', args).status === 0;
  let shared: string;
  let slave = 0;

  beforeAll(async () => {
    shared = await hostDirectory('shared');
    expect(mount('--bind', shared, shared)).toBe(true);
    expect(mount('--make-rshared', shared)).toBe(true);
  });

  afterAll(() => {
    spawnSync('umount', ['--recursive', shared]);
  });

  /** Mounts something on the host below the shared directory and answers what the container sees there. */
  async function seenInside(propagation: Propagation): Promise<string> {
    slave += 1;
    const below = join(shared, `below-${slave}`);
    await mkdir(below);
    const id = await pods.started(pod, { mounts: [{ hostPath: shared, containerPath: '/data', propagation }] });
    expect((await pods.status(id)).mounts).toMatchObject([{ propagation }]);
    expect(mount('-t', 'tmpfs', 'dockershim-test', below)).toBe(true);
    await writeFile(join(below, 'marker'), '');
    return (await pods.script(id, `ls /data/below-${slave}`)).trim();
  }

  it('private: what the host mounts later is not seen', async () => {
    expect(await seenInside(Propagation.PROPAGATION_PRIVATE)).toBe('');
  });

  it('from the host to the container: it is', async () => {
    expect(await seenInside(Propagation.PROPAGATION_HOST_TO_CONTAINER)).toBe('marker');
  });

  it('in both directions: what the container mounts is seen by the host too', async () => {
    expect(await seenInside(Propagation.PROPAGATION_BIDIRECTIONAL)).toBe('marker');

    const capabilities = { addCapabilities: ['SYS_ADMIN'] };
    const id = await pods.started(pod, {
      mounts: [{ hostPath: shared, containerPath: '/data', propagation: Propagation.PROPAGATION_BIDIRECTIONAL }],
      linux: { securityContext: { capabilities } },
    });
    await pods.script(id, 'mkdir /data/inside && mount -t tmpfs none /data/inside && touch /data/inside/marker');

    await expect(access(join(shared, 'inside', 'marker'))).resolves.toBeUndefined();
  });
});

describe('an image as a volume', () => {
  const image = () => ({ image: pods.image });
  const mount = (parts: object = {}) => ({
    mounts: [{ containerPath: '/data', image: image(), readonly: true, ...parts }],
  });
  let able = false;

  beforeAll(async () => {
    able = compareApiVersions(await docker('version', '--format', '{{.Server.APIVersion}}'), '1.48') >= 0;
  });

  it('shows the image’s files, which nobody can change, or is refused with the engine’s version', async () => {
    if (!able) {
      await expect(pods.create(pod, mount())).rejects.toMatchObject(
        refusal('UNIMPLEMENTED', /mount \/data: image: needs Docker 28, or 29.1.4 or later; this is Docker \d+\./),
      );
      return;
    }
    const id = await pods.started(pod, mount());

    expect(await pods.script(id, '/data/bin/busybox echo runs; touch /data/new 2>/dev/null || echo refused')).toBe(
      'runs\nrefused\n',
    );
    const { mounts, imageId } = await pods.status(id);
    expect(mounts).toMatchObject([
      { containerPath: '/data', hostPath: '', readonly: true, image: { image: imageId, imageRef: imageId } },
    ]);
  });

  it('shows a part of it', async () => {
    if (!able) return;
    const id = await pods.started(pod, mount({ imageSubPath: 'etc' }));

    expect(await pods.script(id, 'ls /data')).toBe('group\npasswd\n');
    expect((await pods.status(id)).mounts).toMatchObject([{ imageSubPath: 'etc' }]);
  });

  it('is there twice', async () => {
    if (!able) return;
    const [{ mounts: one }, { mounts: other }] = [mount(), mount({ containerPath: '/more', imageSubPath: 'etc' })];
    const id = await pods.started(pod, { mounts: [...one, ...other] });

    expect(await pods.script(id, 'ls /more; ls -d /data/etc')).toBe('group\npasswd\n/data/etc\n');
    const { mounts, imageId } = await pods.status(id);
    expect(mounts.map(({ image: its }) => its?.image)).toEqual([imageId, imageId]);
  });

  it('is refused when the part or the image is not there, and leaves no container', async () => {
    if (!able) return;
    await expect(pods.create(pod, mount({ imageSubPath: 'no/where' }))).rejects.toMatchObject(
      refusal('INVALID_ARGUMENT', /mount \/data: image_sub_path "no\/where" is not in the image/),
    );
    await expect(pods.create(pod, mount({ image: { image: 'no.such/image:1' } }))).rejects.toMatchObject(
      refusal('NOT_FOUND', /mount \/data: there is no image no\.such\/image:1/),
    );
    const { containers } = await shim.call(Runtime.listContainers, { filter: undefined });
    expect(containers.filter(({ state }) => state === ContainerState.CONTAINER_CREATED)).toEqual([]);
  });
});

describe('recursive read-only', () => {
  it('is told of a bind for SELinux, which has no word for it, as it is in force', async () => {
    const hostPath = await hostDirectory('relabelled');
    await mkdir(join(hostPath, 'below'));
    expect(spawnSync('mount', ['-t', 'tmpfs', 'dockershim-test', join(hostPath, 'below')]).status).toBe(0);
    const connection = new EngineConnection(ENGINE_SOCKET);
    try {
      const sibling = await inspect(await pods.started(pod));
      // As on an engine that labels: this one makes nothing of the Z.
      const body = {
        Image: pods.image,
        Cmd: ['sleep', '3600'],
        Labels: sibling.Config.Labels,
        HostConfig: { NetworkMode: `container:${pod.id}`, Binds: [`${hostPath}:/data:Z,ro`] },
      } as const;
      const id = await new DockerodeEngine(connection).createContainer(
        aCall().ctx,
        sibling.Name.replace(/^\/k8s_[^_]+/, 'k8s_relabelled'),
        body as unknown as ContainerCreate,
      );
      await docker('start', id);

      const written = await pods.script(id, 'touch /data/below/new 2>/dev/null && echo written || echo refused');
      expect((await pods.status(id)).mounts).toMatchObject([
        { containerPath: '/data', readonly: true, selinuxRelabel: true, recursiveReadOnly: written === 'refused\n' },
      ]);
    } finally {
      connection.close();
      spawnSync('umount', ['--lazy', join(hostPath, 'below')]);
    }
  });

  it('is done by handlers that advertise it, and refused by others', async () => {
    const hostPath = await hostDirectory('recursive');
    await mkdir(join(hostPath, 'below'));
    expect(spawnSync('mount', ['-t', 'tmpfs', 'dockershim-test', join(hostPath, 'below')]).status).toBe(0);
    const write = 'touch /data/below/new 2>/dev/null && echo written || echo refused';
    const mounts = [{ hostPath, containerPath: '/data', readonly: true }];
    const recursive = { mounts: mounts.map((mount) => ({ ...mount, recursiveReadOnly: true })) };
    try {
      expect(await pods.script(await pods.started(pod, { mounts }), write)).toBe('written\n');

      const { runtimeHandlers } = await shim.call(Runtime.status, { verbose: false });
      if (runtimeHandlers.find(({ name }) => name === '')?.features?.recursiveReadOnlyMounts) {
        const id = await pods.started(pod, recursive);
        expect(await pods.script(id, write)).toBe('refused\n');
        expect((await pods.status(id)).mounts).toMatchObject([{ readonly: true, recursiveReadOnly: true }]);
      } else {
        await expect(pods.create(pod, recursive)).rejects.toMatchObject(
          refusal('UNIMPLEMENTED', /mount \/data: recursive_read_only: needs Docker 25/),
        );
      }
    } finally {
      spawnSync('umount', ['--lazy', join(hostPath, 'below')]);
    }
  });
});

describe('devices', () => {
  it('are there, under the name and with the permissions that the container asks for', async () => {
    const devices = [
      { hostPath: '/dev/null', containerPath: '/dev/nothing', permissions: 'rw' },
      { hostPath: '/dev/full', containerPath: '', permissions: '' },
    ];
    const id = await pods.started(pod, { devices });

    expect(await pods.script(id, 'echo x >/dev/nothing && stat -c %t:%T /dev/nothing /dev/full')).toBe('1:3\n1:7\n');
    expect((await inspect(id)).HostConfig.Devices).toEqual([
      { PathOnHost: '/dev/null', PathInContainer: '/dev/nothing', CgroupPermissions: 'rw' },
      { PathOnHost: '/dev/full', PathInContainer: '/dev/full', CgroupPermissions: 'rwm' },
    ]);
  });

  it('can be used as their permissions say', async () => {
    const id = await pods.started(pod, {
      devices: [{ hostPath: '/dev/loop-control', containerPath: '/dev/readable', permissions: 'r' }],
    });

    expect(await pods.script(id, ': </dev/readable && echo read')).toBe('read\n');
    expect(await pods.script(id, '(: >/dev/readable) 2>/dev/null || echo refused')).toBe('refused\n');
  });

  it('that the host does not have are refused at the create', async () => {
    await expect(pods.create(pod, { devices: [{ hostPath: '/dev/no-such-device' }] })).rejects.toMatchObject(
      refusal('INVALID_ARGUMENT', /config\.devices\.host_path \/dev\/no-such-device: .*ENOENT/),
    );
  });

  it('of the Container Device Interface are there, or refused with the engine’s version', async () => {
    const CDIDevices = [{ name: 'dockershim.test/device=one' }];
    const [directory] = (await engineInfo()).CDISpecDirs ?? [];
    if (directory === undefined) {
      await expect(pods.create(pod, { CDIDevices })).rejects.toMatchObject(
        refusal('UNIMPLEMENTED', /config\.CDI_devices dockershim\.test\/device=one: .*this is Docker \d+\./),
      );
      return;
    }
    const edits = { deviceNodes: [{ path: '/dev/from-cdi', hostPath: '/dev/null' }] };
    const spec = {
      cdiVersion: '0.5.0',
      kind: 'dockershim.test/device',
      devices: [{ name: 'one', containerEdits: edits }],
    };
    await mkdir(directory, { recursive: true });
    const file = join(directory, `${shim.runName}.json`);
    await writeFile(file, JSON.stringify(spec));
    try {
      const id = await pods.started(pod, { CDIDevices });
      expect(await pods.script(id, 'stat -c %t:%T /dev/from-cdi')).toBe('1:3\n');
    } finally {
      await rm(file);
    }
  });
});
