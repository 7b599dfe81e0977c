import { Device, Mount } from '../../../generated/runtime/v1/api';
import { checkDevicesExist } from '../../../src/container/check-devices';
import { HostPaths } from '../../../src/container/host-paths';
import { prepareMounts } from '../../../src/container/prepare-mounts';
import { parseMountInfo } from '../../../src/stats/mount-info';
import { aCall } from '../../support/a-call';
import { refusalOf } from '../../support/refusal';

const MOUNTS = [
  '1 0 8:1 / / rw - ext4 /dev/sda1 rw',
  '2 1 0:40 / /a rw - nfs4 dead:/exports/a rw',
  '3 1 0:41 / /b rw - nfs4 dead:/exports/b rw',
  '4 1 0:42 / /smb rw - cifs //gone/share rw',
].join('\n');
const CURE = 'Bring the server back, or end the mount with umount -f; it is tried again then';
const SILENT = `has not answered for 10 s, as on a mount whose server is dead. ${CURE}`;
const PATIENCE_MS = 10_000;

/** A host whose paths answer when they are told to. */
class SlowHost {
  readonly looked: string[] = [];
  tablesRead = 0;
  private readonly pending = new Map<string, (answer: string | Error) => void>();
  readonly paths = new HostPaths({
    resolve: (path) => this.look(path),
    find: (path) => this.look(path),
    mounts: () => {
      this.tablesRead += 1;
      return parseMountInfo(MOUNTS);
    },
  });

  answer(path: string, answer: string | Error = path): void {
    this.pending.get(path)?.(answer);
  }

  /** Looks that keep a thread each. */
  async hang(...paths: string[]): Promise<void> {
    for (const path of paths) await this.refused(path);
  }

  /** What a caller has after it has waited as long as anybody does. */
  async refused(path: string): Promise<string> {
    const refused = refusalOf(this.paths.resolve(aCall().ctx, path));
    await jest.advanceTimersByTimeAsync(PATIENCE_MS);
    return await refused;
  }

  private look(path: string): Promise<string> {
    this.looked.push(path);
    return new Promise((resolve, reject) => {
      this.pending.set(path, (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
  }
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const resolve = (host: SlowHost, path: string) => host.paths.resolve(aCall().ctx, path);

it('refuses a path that hangs: late at first, then at once, without a second look', async () => {
  const host = new SlowHost();
  expect(await host.refused('/a/x')).toBe(`Unavailable: /a/x cannot be looked at: it ${SILENT}`);
  for (let tries = 0; tries < 5; tries += 1) {
    expect(await refusalOf(resolve(host, '/a/x'))).toBe(`Unavailable: /a/x cannot be looked at: it ${SILENT}`);
  }
  expect(host.looked).toEqual(['/a/x']);
  expect(jest.getTimerCount()).toBe(0);
});

it('looks at it anew once its look has ended, well or not', async () => {
  const host = new SlowHost();
  for (const end of ['/a/x', new Error('EIO')]) {
    await host.hang('/a/x');
    host.answer('/a/x', end);
    await jest.advanceTimersByTimeAsync(0);
  }
  const again = resolve(host, '/a/x');
  host.answer('/a/x', '/a/real');
  expect(await again).toBe('/a/real');
  expect(host.looked).toEqual(['/a/x', '/a/x', '/a/x']);
});

it('shares the answer among those who ask for one path, and with nobody who asks something else of it', async () => {
  const host = new SlowHost();
  const both = [resolve(host, '/x'), resolve(host, '/x')];
  const there = host.paths.requireThere(aCall().ctx, '/x');
  host.answer('/x', '/real');
  expect(await Promise.all(both)).toEqual(['/real', '/real']);
  await jest.advanceTimersByTimeAsync(0);
  host.answer('/x', '/x');
  await there;
  expect(host.looked).toEqual(['/x', '/x']);
});

it('looks at one path of a server at a time, whatever hangs there', async () => {
  const host = new SlowHost();
  await host.hang('/a/x');
  const ahead = '/a/x, on the same server,';
  expect(await refusalOf(resolve(host, '/b/y'))).toBe(`Unavailable: /b/y cannot be looked at: ${ahead} ${SILENT}`);
  const other = resolve(host, '/smb/z');
  host.answer('/smb/z');
  expect(await other).toBe('/smb/z');
  expect(host.looked).toEqual(['/a/x', '/smb/z']);
});

it('leaves other paths to Docker while two hang, and looks at them again when one has ended', async () => {
  const host = new SlowHost();
  await host.hang('/a/x', '/smb/z');
  expect(await resolve(host, '/etc/hosts')).toBe('/etc/hosts');
  expect(await refusalOf(resolve(host, '/smb/z'))).toMatch(/^Unavailable/);
  expect(host.looked).toEqual(['/a/x', '/smb/z']);
  host.answer('/smb/z');
  await jest.advanceTimersByTimeAsync(0);
  const looked = resolve(host, '/etc/hosts');
  host.answer('/etc/hosts', '/run/hosts');
  expect(await looked).toBe('/run/hosts');
});

it('looks at no more than two at a time, and at all of them in the end', async () => {
  const host = new SlowHost();
  const all = ['/1', '/2', '/3', '/4'].map((path) => resolve(host, path));
  for (const [path, seen] of [
    ['/1', 2],
    ['/2', 3],
    ['/3', 4],
    ['/4', 4],
  ] as const) {
    expect(host.looked).toHaveLength(seen);
    host.answer(path);
    await jest.advanceTimersByTimeAsync(0);
  }
  expect(await Promise.all(all)).toEqual(['/1', '/2', '/3', '/4']);
});

it('reads the mount table once for the many of a node that starts', async () => {
  const host = new SlowHost();
  const paths = Array.from({ length: 50 }, (_, at) => `/${at}`);
  const all = paths.map((path) => resolve(host, path));
  for (const path of paths) {
    host.answer(path);
    await jest.advanceTimersByTimeAsync(0);
  }
  expect(await Promise.all(all)).toEqual(paths);
  expect(host.tablesRead).toBe(1);
});

it('lets a caller leave', async () => {
  const host = new SlowHost();
  const call = aCall();
  const refused = refusalOf(host.paths.resolve(call.ctx, '/a/x'));
  call.cancel();
  expect(await refused).toMatch(/^Cancelled/);
  expect(jest.getTimerCount()).toBe(0);
});

it('names the mount of a path that hangs, and refuses what cannot be resolved', async () => {
  const host = new SlowHost();
  const engine = { inspectImage: () => Promise.reject(new Error('no image is mounted')) };
  const prepare = (hostPath: string) =>
    refusalOf(
      prepareMounts(engine, host.paths, aCall().ctx, [Mount.fromPartial({ hostPath, containerPath: '/data' })]),
    );
  await host.hang('/a/x');
  expect(await prepare('/a/x')).toMatch(/^Unavailable: mount \/data: \/a\/x cannot be looked at/);
  const invalid = prepare('/x');
  host.answer('/x', new Error('ELOOP'));
  expect(await invalid).toBe('InvalidArgument: mount /data: host_path /x: ELOOP');
});

it('refuses a device that is missing, and one that hangs', async () => {
  const host = new SlowHost();
  const check = (hostPath: string) =>
    refusalOf(checkDevicesExist(host.paths, aCall().ctx, [Device.fromPartial({ hostPath })]));
  const missing = check('/dev/x');
  host.answer('/dev/x', new Error('ENOENT'));
  expect(await missing).toBe('InvalidArgument: config.devices.host_path /dev/x: ENOENT');
  const hanging = check('/a/device');
  await jest.advanceTimersByTimeAsync(PATIENCE_MS);
  expect(await hanging).toMatch(/^Unavailable: \/a\/device cannot be looked at/);
});
