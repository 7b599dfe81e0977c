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
