import type { DiskUsage } from '../../../src/docker/types';
import { DiskUsageGauge } from '../../../src/image/disk-usage';
import type { CallContext } from '../../../src/lib/call-context';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';
import { untilGivenUp } from '../../support/until-given-up';

const ctx = { signal: new AbortController().signal, log: silentLog };

/** A gauge with a clock, images and an engine that a test moves. Counting takes `tookMs` on that clock. */
class Bench {
  now = 0;
  tookMs = 0;
  images: object = {};
  list = (_ctx: CallContext): Promise<object> => Promise.resolve(this.images);
  bytes = 1;
  readonly diskUsage = jest.fn((): Promise<DiskUsage> => {
    this.now += this.tookMs;
    return Promise.resolve({ LayersSize: this.bytes });
  });
  readonly gauge = new DiskUsageGauge({
    engine: { diskUsage: () => this.diskUsage() },
    images: { byId: (call) => this.list(call) },
    clock: { now: () => 0, passed: () => this.now },
  });

  async imageBytes(): Promise<bigint> {
    return (await this.gauge.read(ctx)).imageBytes;
  }
}

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

it.each<[string, DiskUsage, bigint, bigint]>([
  [
    'API 1.41',
    {
      LayersSize: 10,
      Containers: [
        { Id: 'a', SizeRw: 2 },
        { Id: 'b', SizeRw: 3 },
      ],
    },
    10n,
    5n,
  ],
  ['containers without sizes', { LayersSize: 10, Containers: [{ Id: 'a' }] }, 10n, 0n],
  ['no containers', { LayersSize: 0, Containers: null }, 0n, 0n],
  ['API 1.52', { ImageUsage: { TotalSize: 7 } }, 7n, 0n],
])('counts bytes as Docker does: %s', async (_api, usage, imageBytes, containerBytes) => {
  bench.diskUsage.mockResolvedValue(usage);

  expect(await bench.gauge.read(ctx)).toMatchObject({ imageBytes, containerBytes });
});

it('counts once a minute, and once for callers at the same time', async () => {
  await Promise.all([bench.imageBytes(), bench.imageBytes()]);
  bench.now = 60_000;
  await bench.imageBytes();

  expect(bench.diskUsage).toHaveBeenCalledTimes(1);
});

it('answers what it knows while it counts again in the background', async () => {
  await bench.imageBytes();
  bench.now = 60_001;
  bench.bytes = 2;

  expect(await bench.imageBytes()).toBe(1n);
  await new Promise(setImmediate);

  expect(await bench.imageBytes()).toBe(2n);
  expect(bench.diskUsage).toHaveBeenCalledTimes(2);
});

it('counts again at once when images have changed', async () => {
  await bench.imageBytes();
  bench.images = {};
  bench.bytes = 2;

  expect(await bench.imageBytes()).toBe(2n);
});

it('takes a small part of the time, whatever changes', async () => {
  bench.tookMs = 5_000;
  await bench.imageBytes();
  bench.images = {};
  bench.now += 99_999;
  await bench.imageBytes();
  expect(bench.diskUsage).toHaveBeenCalledTimes(1);

  bench.now += 1;
  await bench.imageBytes();
  expect(bench.diskUsage).toHaveBeenCalledTimes(2);
});

it('waits no longer than a second for images that have changed', async () => {
  await bench.imageBytes();
  bench.images = {};
  bench.diskUsage.mockReturnValue(new Promise(() => undefined));
  jest.useFakeTimers();
  try {
    const answer = bench.imageBytes();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await answer).toBe(1n);
  } finally {
    jest.useRealTimers();
  }
});

it.each<[string, Bench['list']]>([
  ['cannot be listed', () => Promise.reject(new ShimError('Internal', 'docker: no images'))],
  ['are slow to be listed', untilGivenUp],
])('counts, as if nothing had changed, while images %s', async (_what, list) => {
  bench.list = list;
  jest.useFakeTimers();
  try {
    const read = async () => {
      const answer = bench.imageBytes();
      await jest.advanceTimersByTimeAsync(1_000);
      return await answer;
    };
    expect(await read()).toBe(1n);
    expect(await read()).toBe(1n);
    expect(bench.diskUsage).toHaveBeenCalledTimes(1);
  } finally {
    jest.useRealTimers();
  }
});

it('answers nothing from memory without an engine', async () => {
  await bench.imageBytes();
  bench.list = () => Promise.reject(new ShimError('Unavailable', 'no engine'));
  await expect(bench.imageBytes()).rejects.toMatchObject({ kind: 'Unavailable' });
});

it('lets a caller go when its call ends, and keeps the measurement for the next', async () => {
  let finish!: (usage: DiskUsage) => void;
  bench.diskUsage.mockReturnValue(new Promise((resolve) => (finish = resolve)));
  const call = new AbortController();
  const leaving = bench.gauge.read({ ...ctx, signal: call.signal });
  await new Promise(setImmediate);

  call.abort(new ShimError('DeadlineExceeded', 'the call took too long'));
  await expect(leaving).rejects.toMatchObject({ kind: 'DeadlineExceeded' });
  finish({ LayersSize: 3 });

  expect(await bench.imageBytes()).toBe(3n);
  expect(bench.diskUsage).toHaveBeenCalledTimes(1);
});

it('tries again after a count that failed', async () => {
  const broken = new ShimError('Internal', 'docker: broken');
  bench.diskUsage.mockRejectedValueOnce(broken).mockRejectedValueOnce(broken);
  await expect(bench.imageBytes()).rejects.toMatchObject({ kind: 'Internal' });
  expect(bench.diskUsage).toHaveBeenCalledTimes(2);

  expect(await bench.imageBytes()).toBe(1n);
});

it.each([
  ['NotFound', 'docker: rw layer snapshot not found for container a'],
  ['Internal', 'docker: failed to retrieve container list: rw layer snapshot not found for container a'],
] as const)('counts once more when a container has gone away meanwhile: %s %s', async (kind, message) => {
  const gone = new ShimError(kind, message);
  const busy = new ShimError('Internal', 'docker: a disk usage operation is already running');
  bench.diskUsage.mockRejectedValueOnce(gone).mockRejectedValueOnce(busy);

  expect(await bench.imageBytes()).toBe(1n);
  expect(bench.diskUsage).toHaveBeenCalledTimes(3);
});

it('does not ask an engine again that is away', async () => {
  bench.diskUsage.mockRejectedValueOnce(new ShimError('Unavailable', 'docker is away'));
  await expect(bench.imageBytes()).rejects.toMatchObject({ kind: 'Unavailable' });
  expect(bench.diskUsage).toHaveBeenCalledTimes(1);
});

it('waits for somebody else who is counting', async () => {
  const busy = new ShimError('Internal', 'docker: a disk usage operation is already running');
  bench.diskUsage.mockRejectedValueOnce(busy);

  expect(await bench.imageBytes()).toBe(1n);
});
