import type { EngineVersion, ImageInspect } from '../../../../src/docker/types';
import type { CallContext } from '../../../../src/lib/call-context';
import { pause } from '../../../../src/lib/call-context';
import { ShimError } from '../../../../src/lib/errors';
import { silentLog } from '../../../../src/lib/log';
import { PauseImage } from '../../../../src/sandbox/pause/pause-image';
import { BUILT_IN_PAUSE_IMAGE } from '../../../../src/sandbox/pause/image-archive';
import { canonical } from '../../../../src/translate/image-reference';
import { aCall } from '../../../support/a-call';
import { refusalOf } from '../../../support/refusal';

const CONFIGURED = 'registry.k8s.io/pause:3.10';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A node: the images on it, its architecture, and what a pull comes to. */
class Node {
  readonly images = new Set<string>();
  architecture: string | undefined = 'amd64';
  pulls = 0;
  loads: Buffer[] = [];
  failure: ShimError | undefined;
  pullOnce: (ctx: CallContext, reference: string) => Promise<unknown> = () =>
    Promise.reject(new ShimError('Unavailable', 'no registry'));

  readonly engine = {
    inspectImage: (_ctx: CallContext, reference: string): Promise<ImageInspect> => {
      if (this.failure) return Promise.reject(this.failure);
      if (this.images.has(reference)) return Promise.resolve({} as ImageInspect);
      return Promise.reject(new ShimError('NotFound', `no ${reference}`));
    },
    loadImage: (_ctx: CallContext, archive: Buffer): Promise<void> => {
      this.loads.push(archive);
      this.images.add(BUILT_IN_PAUSE_IMAGE);
      return Promise.resolve();
    },
    version: (): Promise<EngineVersion> =>
      Promise.resolve({
        Version: '20.10',
        ApiVersion: '1.41',
        ...(this.architecture !== undefined && { Arch: this.architecture }),
      }),
  };

  image(configured = CONFIGURED): PauseImage {
    const pull = (ctx: CallContext, reference: string): Promise<unknown> => {
      this.pulls += 1;
      return this.pullOnce(ctx, reference);
    };
    return new PauseImage({ engine: this.engine, pull, configured });
  }
}

it('is the configured one when it is there: nothing is pulled or loaded', async () => {
  const node = new Node();
  node.images.add(CONFIGURED);
  await expect(node.image().ensure(aCall().ctx)).resolves.toBe(CONFIGURED);
  expect([node.pulls, node.loads]).toEqual([0, []]);
});

it('is the configured one when it can be pulled', async () => {
  const node = new Node();
  node.pullOnce = (_ctx, reference) => Promise.resolve(node.images.add(reference));
  await expect(node.image().ensure(aCall().ctx)).resolves.toBe(CONFIGURED);
  expect([node.pulls, node.loads]).toEqual([1, []]);
  expect(jest.getTimerCount()).toBe(0);
});

it('is the built-in one when there is no registry, loaded once, with a warning', async () => {
  const node = new Node();
  const warn = jest.fn();
  const image = node.image();
  const { ctx } = aCall({ ...silentLog, warn });
  await expect(image.ensure(ctx)).resolves.toBe(BUILT_IN_PAUSE_IMAGE);
  await expect(image.ensure(ctx)).resolves.toBe(BUILT_IN_PAUSE_IMAGE);
  expect(node.loads).toHaveLength(1);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn).toHaveBeenCalledWith(expect.any(String), { image: CONFIGURED, error: 'no registry' });
});

it('leaves a registry alone for ten minutes after it failed', async () => {
  const node = new Node();
  const image = node.image();
  const { ctx } = aCall();
  await image.ensure(ctx);
  jest.advanceTimersByTime(10 * 60_000 - 1);
  await image.ensure(ctx);
  expect(node.pulls).toBe(1);
  jest.advanceTimersByTime(1);
  node.pullOnce = (_ctx, reference) => Promise.resolve(node.images.add(reference));
  await expect(image.ensure(ctx)).resolves.toBe(CONFIGURED);
  expect(node.pulls).toBe(2);
});

it('a later pod finds the other, however it came to the node', async () => {
  const node = new Node();
  const image = node.image();
  await image.ensure(aCall().ctx);
  node.images.add(CONFIGURED);
  await expect(image.ensure(aCall().ctx)).resolves.toBe(CONFIGURED);
});

it('does not wait long for a pull', async () => {
  const node = new Node();
  node.pullOnce = (ctx) => pause(ctx, 3_600_000);
  const ensuring = node.image().ensure(aCall().ctx);
  await jest.advanceTimersByTimeAsync(20_000);
  await expect(ensuring).resolves.toBe(BUILT_IN_PAUSE_IMAGE);
  expect(jest.getTimerCount()).toBe(0);
});

it('ends with its call, and holds that against no registry', async () => {
  const node = new Node();
  node.pullOnce = (ctx) => pause(ctx, 3_600_000);
  const image = node.image();
  const { ctx, cancel, reason } = aCall();
  const ensuring = image.ensure(ctx);
  await jest.advanceTimersByTimeAsync(1000);
  cancel();
  await expect(ensuring).rejects.toBe(reason);
  node.pullOnce = (_ctx, reference) => Promise.resolve(node.images.add(reference));
  await expect(image.ensure(aCall().ctx)).resolves.toBe(CONFIGURED);
  expect(node.loads).toEqual([]);
});

it('when the built-in one is what is configured, nothing is pulled', async () => {
  const node = new Node();
  await expect(node.image(BUILT_IN_PAUSE_IMAGE).ensure(aCall().ctx)).resolves.toBe(BUILT_IN_PAUSE_IMAGE);
  expect([node.pulls, node.loads.length]).toEqual([0, 1]);
});

it('an engine that fails is no missing image', async () => {
  const node = new Node();
  node.failure = new ShimError('Unavailable', 'the engine is gone');
  expect(await refusalOf(node.image().ensure(aCall().ctx))).toBe('Unavailable: the engine is gone');
  expect([node.pulls, node.loads]).toEqual([0, []]);
});

it.each([
  ['riscv64', 'riscv64'],
  [undefined, 'an unknown architecture'],
])('for the architecture %s there is none built in', async (architecture, named) => {
  const node = new Node();
  node.architecture = architecture;
  expect(await refusalOf(node.image().ensure(aCall().ctx))).toBe(
    `FailedPrecondition: there is no built-in pause image for ${named}: bring ${CONFIGURED} to this node`,
  );
});

it('the one for arm64 is another', async () => {
  const [amd64, arm64] = [new Node(), new Node()];
  arm64.architecture = 'arm64';
  await amd64.image().ensure(aCall().ctx);
  await arm64.image().ensure(aCall().ctx);
  const [one = Buffer.of(), other = Buffer.of()] = [...amd64.loads, ...arm64.loads];
  expect(one.equals(other)).toBe(false);
});

it('keeps both from garbage collection', () => {
  expect(new Node().image().references.map(canonical)).toEqual([CONFIGURED, BUILT_IN_PAUSE_IMAGE]);
});
