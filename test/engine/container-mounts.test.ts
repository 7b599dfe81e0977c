import { spawnSync } from 'node:child_process';
import { access, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MountPropagation as Propagation } from '../../generated/runtime/v1/api';
import { inspect } from '../support/engine-under-test';
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
});
