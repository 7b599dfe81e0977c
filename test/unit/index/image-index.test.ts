import type { ImageInspect, ImageSummary } from '../../../src/docker/types';
import { ImageIndex } from '../../../src/index/image-index';
import type { CallContext } from '../../../src/lib/call-context';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';
import { aCall } from '../../support/a-call';
import { keptLog, type LogLine } from '../../support/cri-server-under-test';
import { refusalOf } from '../../support/refusal';
import { until } from '../../support/until';
import { untilGivenUp } from '../../support/until-given-up';

const ROW: ImageSummary = { Id: 'sha256:a', RepoTags: ['a:1'], RepoDigests: null, Size: 1 };
const { ctx } = aCall();

/** An index of what `listImages` answers, of an engine whose images can be inspected. */
function indexOf(listImages: (ctx: CallContext) => Promise<ImageSummary[]>): ImageIndex {
  return new ImageIndex({ listImages, inspectImage: () => Promise.resolve({ ...ROW, Config: {} }) }, silentLog);
}

/** The index of an engine that lists its images when it is told to: `answer` ends all lists that were asked for. */
function slow() {
  const asked: (() => void)[] = [];
  const index = indexOf(() => new Promise((resolve) => asked.push(() => resolve([ROW]))));
  const answer = async () => {
    for (let next = asked.shift(); next !== undefined; next = asked.shift()) {
      next();
      await jest.advanceTimersByTimeAsync(0);
    }
  };
  return { index, answer };
}

async function namesOf(index: ImageIndex): Promise<readonly string[] | undefined> {
  return (await index.namesById(ctx)).get(ROW.Id)?.repoTags;
}

it('looks again at an image that had nothing for this platform', async () => {
  const inspectImage = jest.fn<Promise<ImageInspect>, []>(() => Promise.resolve(ROW));
  const index = new ImageIndex({ listImages: () => Promise.resolve([ROW]), inspectImage }, silentLog);
  expect((await index.byId(ctx)).get(ROW.Id)?.username).toBe('');
  const linux = { Os: 'linux', Architecture: 'amd64' };
  inspectImage.mockResolvedValue({ ...ROW, ...linux, Config: { User: 'web' } });
  expect((await index.byId(ctx)).get(ROW.Id)?.username).toBe('web');
  await index.byId(ctx);
  expect(inspectImage).toHaveBeenCalledTimes(2);
});

it('warns once of an image that Docker cannot tell of, until it can', async () => {
  const lines: LogLine[] = [];
  const inspectImage = jest.fn<Promise<ImageInspect>, []>(() => Promise.reject(new ShimError('Internal', 'no layer')));
  const index = new ImageIndex({ listImages: () => Promise.resolve([ROW]), inspectImage }, keptLog(lines));
  await index.byId(ctx);
  await index.byId(ctx);
  expect(lines.map(({ level }) => level)).toEqual(['warn', 'debug']);
});

it('keeps what is listed but not found, until the list lacks it, and looks at it again with each list', async () => {
  const lines: LogLine[] = [];
  const inspectImage = jest.fn<Promise<ImageInspect>, []>(() => Promise.reject(new ShimError('NotFound', 'no image')));
  const listImages = jest.fn(() => Promise.resolve([ROW]));
  const index = new ImageIndex({ listImages, inspectImage }, keptLog(lines));
  await index.onEventsFlow(ctx);
  expect((await index.byId(ctx)).get(ROW.Id)).toMatchObject({ id: ROW.Id, repoTags: ['a:1'], size: 1n });
  expect(index.isSure(ROW.Id)).toBe(false);
  expect(inspectImage).toHaveBeenCalledTimes(1);

  index.lookAgain();
  await until(() => inspectImage.mock.calls.length === 2);
  expect(lines.map(({ level }) => level)).toEqual(['debug', 'debug']);

  listImages.mockResolvedValue([]);
  await index.refresh(ctx);
  expect((await index.byId(ctx)).size).toBe(0);
  index.lookAgain();
  expect(inspectImage).toHaveBeenCalledTimes(2);
});

it('is sure of what Docker has told of, and the same as long as nothing changes', async () => {
  const built = { ...ROW, Os: 'linux', Architecture: 'amd64' };
  const listImages = jest.fn(() => Promise.resolve([ROW]));
  const index = new ImageIndex({ listImages, inspectImage: () => Promise.resolve(built) }, silentLog);
  const images = await index.byId(ctx);
  expect(index.isSure(ROW.Id)).toBe(true);
  expect(await index.byId(ctx)).toBe(images);
  listImages.mockResolvedValue([{ ...ROW, RepoTags: ['a:2'] }]);
  expect(await index.byId(ctx)).not.toBe(images);
});

describe('a list that a change asks for and that fails', () => {
  const FAILURE = new ShimError('Internal', 'docker: no images');
  const MOVED: ImageSummary = { ...ROW, RepoTags: ['a:2'] };
  const list = jest.fn<Promise<ImageSummary[]>, [CallContext]>();
  let index: ImageIndex;

  beforeEach(async () => {
    jest.useFakeTimers();
    list.mockReset().mockResolvedValue([ROW]);
    index = indexOf(list);
    await index.onEventsFlow(ctx);
    list.mockClear();
  });
  afterEach(() => {
    index.onEventsBreak();
    jest.useRealTimers();
  });

  const tell = () => index.onEvent({ Type: 'image', Action: 'tag', Actor: { ID: 'a', Attributes: {} }, time: 1 });
  const tagsOf = async () => (await index.byId(ctx)).get(ROW.Id)?.repoTags;

  it.each<[string, () => void | Promise<void>]>([
    ['an event', () => tell()],
    ["the shim's own change", () => index.refresh(ctx)],
    ["the shim's own change, whose caller leaves", () => index.refresh({ ...ctx, signal: AbortSignal.abort() })],
  ])('has reads ask Docker: %s', async (_name, change) => {
    list.mockRejectedValue(FAILURE);
    await change();
    await jest.advanceTimersByTimeAsync(0);
    expect(await refusalOf(index.byId(ctx))).toBe('Internal: docker: no images');
    list.mockResolvedValue([MOVED]);
    expect(await tagsOf()).toEqual(['a:2']);
  });

  it('is read again by itself, less and less often, and no more once it was read', async () => {
    list.mockRejectedValue(FAILURE);
    await index.refresh(ctx);
    for (const [afterMs, calls] of [
      [900, 2],
      [1_000, 3],
      [1_000, 3],
      [200, 4],
      [3_800, 4],
    ] as const) {
      await jest.advanceTimersByTimeAsync(afterMs);
      expect(list).toHaveBeenCalledTimes(calls);
    }

    list.mockResolvedValue([MOVED]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await tagsOf()).toEqual(['a:2']);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(await tagsOf()).toEqual(['a:2']);
    expect(list).toHaveBeenCalledTimes(5);
  });

  it('leaves containers the names of the last one', async () => {
    list.mockImplementation(untilGivenUp);
    tell();
    await jest.advanceTimersByTimeAsync(30_000);
    const first = namesOf(index);
    await jest.advanceTimersByTimeAsync(900);
    expect(await isPending(first)).toBe(true);
    await jest.advanceTimersByTimeAsync(100);
    expect(await first).toEqual(['a:1']);
    const second = namesOf(index);
    await jest.advanceTimersByTimeAsync(1);
    expect(await second).toEqual(['a:1']);
  });

  it('is nothing when no change asked for it', async () => {
    list.mockRejectedValue(FAILURE);
    await index.check().catch(() => undefined);
    expect(await tagsOf()).toEqual(['a:1']);
    expect(list).toHaveBeenCalledTimes(1);
  });
});

describe('names, for answers about containers', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('are there from the first list on', async () => {
    const index = indexOf(() => Promise.resolve([ROW]));
    expect(await namesOf(index)).toEqual(['a:1']);
  });

  it('are the last ones when Docker cannot list its images, which is told to those who need the images', async () => {
    const list = jest.fn(() => Promise.resolve([ROW]));
    const index = indexOf(list);
    await index.byId(ctx);
    list.mockRejectedValue(new ShimError('Internal', 'docker: no images'));
    expect(await namesOf(index)).toEqual(['a:1']);
    expect(await refusalOf(index.byId(ctx))).toBe('Internal: docker: no images');
  });

  it('are there while Docker cannot tell of an image', async () => {
    const listImages = () => Promise.resolve([ROW]);
    const inspectImage = () => new Promise<never>(() => undefined);
    const index = new ImageIndex({ listImages, inspectImage }, silentLog);

    const names = namesOf(index);
    await jest.advanceTimersByTimeAsync(1_000);

    expect(await names).toEqual(['a:1']);
  });

  it('are waited for once while Docker does not answer, and again when it has', async () => {
    const { index, answer } = slow();
    const first = namesOf(index);
    await jest.advanceTimersByTimeAsync(900);
    expect(await isPending(first)).toBe(true);
    await jest.advanceTimersByTimeAsync(100);
    expect(await first).toBeUndefined();

    const second = namesOf(index);
    await jest.advanceTimersByTimeAsync(1);
    expect(await second).toBeUndefined();

    await answer();
    const third = namesOf(index);
    await jest.advanceTimersByTimeAsync(900);
    expect(await isPending(third)).toBe(true);
    await answer();
    expect(await third).toEqual(['a:1']);
  });

  it('are not for a caller that has left, who makes no other do without', async () => {
    const { index, answer } = slow();
    const call = aCall();
    const left = index.namesById(call.ctx);
    call.cancel();
    await expect(left).rejects.toBe(call.reason);

    void index.onEventsFlow(ctx);
    const names = namesOf(index);
    await jest.advanceTimersByTimeAsync(900);
    expect(await isPending(names)).toBe(true);
    await answer();
    expect(await names).toEqual(['a:1']);
  });
});

async function isPending(work: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([work, Promise.resolve(pending)])) === pending;
}
