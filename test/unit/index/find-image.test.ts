import type { ImageInspect } from '../../../src/docker/types';
import { findImage, requireImage } from '../../../src/index/find-image';
import { ShimError } from '../../../src/lib/errors';
import { parseReference } from '../../../src/translate/image-reference';
import { aCall } from '../../support/a-call';
import { refusalOf } from '../../support/refusal';

/** An engine with one image, and what it was asked for. */
function engineWith(name: string) {
  const asked: string[] = [];
  const inspectImage = (_ctx: unknown, reference: string): Promise<ImageInspect> => {
    asked.push(reference);
    if (reference !== name) return Promise.reject(new ShimError('NotFound', 'No such image'));
    return Promise.resolve({ Id: 'sha256:1' } as ImageInspect);
  };
  return { engine: { inspectImage }, asked };
}

it.each([
  ['busybox', 'docker.io/library/busybox:latest'],
  ['r.io/x:1', 'r.io/x:1'],
  [`sha256:${'a'.repeat(64)}`, `sha256:${'a'.repeat(64)}`],
])('%s is asked for as %s', async (text, asked) => {
  const node = engineWith(asked);
  expect(await requireImage(node.engine, aCall().ctx, parseReference(text))).toEqual({ Id: 'sha256:1' });
  expect(node.asked).toEqual([asked]);
});

it('one that is not there is no answer, or a refusal of those who need it', async () => {
  const { engine } = engineWith('other');
  expect(await findImage(engine, aCall().ctx, parseReference('r.io/x:1'))).toBeUndefined();
  const needed = requireImage(engine, aCall().ctx, parseReference('r.io/x:1'));
  expect(await refusalOf(needed)).toBe('NotFound: there is no image r.io/x:1: it must be pulled first');
});
