import { ImageStatusRequest } from '../../../generated/runtime/v1/api';
import type { ImageInspect } from '../../../src/docker/types';
import { imageStatus, type StatusNeeds } from '../../../src/image/status';
import { ShimError } from '../../../src/lib/errors';
import { toImage } from '../../../src/translate/image';
import { aCall } from '../../support/a-call';
import { refusalOf } from '../../support/refusal';
import { untilGivenUp } from '../../support/until-given-up';

const ID = `sha256:${'a'.repeat(64)}`;
const INSPECTED: ImageInspect = { Id: ID, RepoTags: ['a:1'], RepoDigests: null, Size: 1, Config: { User: '7' } };
const listed = () => Promise.resolve(new Map([[ID, toImage(INSPECTED)]]));
const inspectImage = jest.fn<ReturnType<StatusNeeds['engine']['inspectImage']>, [ctx: typeof ctx, name: string]>();
const { ctx } = aCall();

beforeEach(() => {
  jest.useFakeTimers();
  inspectImage.mockReset().mockResolvedValue(INSPECTED);
});
afterEach(() => jest.useRealTimers());

async function statusOf(byId: StatusNeeds['images']['byId'], isSure = true, call = ctx) {
  const engine = { inspectImage, imageHistory: () => Promise.resolve([]) };
  const status = imageStatus({ engine, images: { byId, isSure: () => isSure }, pinned: () => [] });
  return (await status(ImageStatusRequest.fromPartial({ image: { image: 'a:1' } }), call)).image;
}

it('asks Docker nothing when the image is known', async () => {
  expect(await statusOf(listed)).toMatchObject({ id: ID, uid: undefined });
  expect(inspectImage).not.toHaveBeenCalled();
});

describe.each<[string, StatusNeeds['images']['byId']]>([
  ['fails', () => Promise.reject(new ShimError('Internal', 'docker: no images'))],
  ['hangs', untilGivenUp],
])('while the list %s', (_what, byId) => {
  it('tells of an image by itself', async () => {
    const status = statusOf(byId);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(await status).toMatchObject({ id: ID, uid: { value: 7n } });
  });

  it('tells that there is none', async () => {
    inspectImage.mockRejectedValue(new ShimError('NotFound', 'No such image'));
    const status = statusOf(byId);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(await status).toBeUndefined();
  });

  it('asks nothing for a caller that has left', async () => {
    const call = aCall();
    const status = refusalOf(statusOf(byId, true, call.ctx));
    call.cancel();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(await status).toMatch(/^Cancelled/);
    expect(inspectImage).not.toHaveBeenCalled();
  });
});

describe('of an image that Docker could not tell of', () => {
  it('has the user that Docker tells now', async () => {
    expect(await statusOf(listed, false)).toMatchObject({ id: ID, uid: { value: 7n } });
  });

  it('is none when Docker does not find it: it must be pulled', async () => {
    inspectImage.mockRejectedValue(new ShimError('NotFound', 'No such image'));
    expect(await statusOf(listed, false)).toBeUndefined();
  });

  it.each<[string, StatusNeeds['engine']['inspectImage']]>([
    ['fails', () => Promise.reject(new ShimError('Internal', 'docker: no layer'))],
    ['hangs', untilGivenUp],
  ])('states no user that is not known: its inspect %s', async (_what, inspect) => {
    inspectImage.mockImplementation(inspect);
    const refusal = refusalOf(statusOf(listed, false));
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await refusal).toMatch(/^Unavailable: docker lists the image, but cannot tell which user it runs as: /);
  });
});
