import { ShimError, type ErrorKind } from '../../../src/lib/errors';
import { Footprints } from '../../../src/stats/footprints';
import { aCall } from '../../support/a-call';
import { refusalOf } from '../../support/refusal';

const { ctx } = aCall();

/** Those of an engine that can inspect no container. */
function footprintsBut(kind: ErrorKind): Footprints {
  const inspectContainer = () => Promise.reject(new ShimError(kind, 'readlink: no such file or directory'));
  return new Footprints({ inspectContainer }, () => undefined);
}

it.each(['NotFound', 'Internal'] as const)('what docker refuses to inspect has none: %s', async (kind) => {
  expect(await footprintsBut(kind).of(ctx, ['a', 'b'])).toEqual(new Map());
});

it('without an engine there is no answer', async () => {
  expect(await refusalOf(footprintsBut('Unavailable').of(ctx, ['a']))).toMatch(/^Unavailable/);
});
