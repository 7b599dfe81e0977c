import { Readable } from 'node:stream';
import { PullImageRequest } from '../../../generated/runtime/v1/api';
import type { ImageInspect } from '../../../src/docker/types';
import { pullImage, type PullNeeds } from '../../../src/image/pull';
import { ShimError } from '../../../src/lib/errors';
import { aCall } from '../../support/a-call';
import { untilGivenUp } from '../../support/until-given-up';

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] }));
afterEach(() => jest.useRealTimers());

function pull(facts: PullNeeds['facts'], call = aCall()): Promise<unknown> {
  const verb = pullImage({
    engine: {
      pullImage: () => Promise.resolve(Readable.from(['{"status":"Pull complete","id":"a"}\n'])),
      inspectImage: () => Promise.resolve({ Id: 'sha256:a' } as ImageInspect),
    },
    images: { refresh: () => Promise.resolve() },
    facts,
    pullProgressDeadlineMs: 60_000,
  });
  return verb(PullImageRequest.fromPartial({ image: { image: 'r.io/x:1' } }), call.ctx);
}

it.each<[string, PullNeeds['facts']]>([
  ['hangs', untilGivenUp],
  ['fails', () => Promise.reject(new ShimError('Internal', 'docker: no info'))],
])('goes on where the question how the engine keeps images %s', async (_what, facts) => {
  const pulling = pull(facts);
  await jest.advanceTimersByTimeAsync(2_000);
  expect(await pulling).toEqual({ imageRef: 'sha256:a' });
});

it('ends with its caller while it asks', async () => {
  const call = aCall();
  const pulling = pull(untilGivenUp, call).catch((error: unknown) => error);
  call.cancel();
  await jest.advanceTimersByTimeAsync(0);
  expect(await pulling).toMatchObject({ kind: 'Cancelled' });
});

describe('a pull of which the engine says nothing', () => {
  const verb = (imagesInContainerd: boolean) =>
    pullImage({
      engine: {
        pullImage: (ctx) => Promise.resolve(new Readable({ read: () => undefined, signal: ctx.signal })),
        inspectImage: () => Promise.reject(new ShimError('Internal', 'asked')),
      },
      images: { refresh: () => Promise.resolve() },
      facts: () => Promise.resolve({ imagesInContainerd }),
      pullProgressDeadlineMs: 60_000,
    });

  /** How it ended, if it has. */
  function begin(pullOne: ReturnType<typeof verb>, image: string, call = aCall()): unknown[] {
    const ended: unknown[] = [];
    pullOne(PullImageRequest.fromPartial({ image: { image } }), call.ctx).catch((error: unknown) => ended.push(error));
    return ended;
  }

  it.each([
    ['alone', ['r.io/x:1'], true, 1],
    ['with one more caller', ['r.io/x:1', 'r.io/x:1'], true, 1],
    ['beside another', ['r.io/x:1', 'r.io/y:1'], true, 10],
    ['beside another, without containerd', ['r.io/x:1', 'r.io/y:1'], false, 1],
  ])('is borne, %s', async (_how, images, inContainerd, minutes) => {
    const pullOne = verb(inContainerd);
    const [ended] = images.map((image) => begin(pullOne, image));
    await jest.advanceTimersByTimeAsync(minutes * 60_000 - 1);
    expect(ended).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(ended).toMatchObject([{ kind: 'DeadlineExceeded' }]);
  });

  it('is alone again once the caller of the other has left', async () => {
    const pullOne = verb(true);
    const call = aCall();
    begin(pullOne, 'r.io/y:1', call);
    await jest.advanceTimersByTimeAsync(1_000);
    call.cancel();
    await jest.advanceTimersByTimeAsync(0);
    const ended = begin(pullOne, 'r.io/x:1');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(ended).toMatchObject([{ kind: 'DeadlineExceeded' }]);
  });
});
