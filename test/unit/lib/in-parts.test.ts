import { inParts } from '../../../src/lib/in-parts';
import { aCall } from '../../support/a-call';

async function partsOf(length: number, cancelAfter = Infinity): Promise<number[][]> {
  const { ctx, cancel } = aCall();
  const items = Array.from({ length }, (_, at) => at);
  const parts: number[][] = [];
  for await (const part of inParts(ctx, items)) {
    parts.push(part);
    if (parts.length === cancelAfter) cancel();
  }
  return parts;
}

it.each([1, 25, 26, 60])('makes parts that together are the list of %d', async (length) => {
  const parts = await partsOf(length);
  expect(parts.flat()).toEqual(Array.from({ length }, (_, at) => at));
  expect(parts).toHaveLength(Math.ceil(length / 25));
});

it('makes no part of nothing', async () => {
  expect(await partsOf(0)).toEqual([]);
});

it('lets others have their turn between two parts', async () => {
  const turns: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) setImmediate(() => turns.push(turn));
  const { ctx } = aCall();
  const turnsBeforeParts: number[] = [];
  const items = Array.from({ length: 75 });
  for await (const part of inParts(ctx, items)) if (part.length > 0) turnsBeforeParts.push(turns.length);
  expect(turnsBeforeParts).toEqual([0, 3, 3]);
});

it('makes no more when its call has ended', async () => {
  await expect(partsOf(100, 2)).rejects.toMatchObject({ kind: 'Cancelled' });
});
