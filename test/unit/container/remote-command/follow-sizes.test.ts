import { followSizes } from '../../../../src/container/remote-command/follow-sizes';
import type { TerminalSize } from '../../../../src/streaming/remote-command';
import { aCall } from '../../../support/a-call';

async function* sizes(...widths: number[]): AsyncGenerator<TerminalSize> {
  for (const width of widths) yield await Promise.resolve({ width, height: 10 });
}

it('sets each size', async () => {
  const set: number[] = [];
  await followSizes(sizes(1, 2, 3), ({ width }) => Promise.resolve(void set.push(width)), aCall().ctx);
  expect(set).toEqual([1, 2, 3]);
});

it('tries again while the command is only about to start', async () => {
  let tries = 0;
  await followSizes(
    sizes(80),
    () => ((tries += 1) < 3 ? Promise.reject(new Error('not running')) : Promise.resolve()),
    aCall().ctx,
  );
  expect(tries).toBe(3);
});

it('breaks nothing when a size cannot be set, or there are none', async () => {
  const call = aCall();
  const following = followSizes(sizes(80), () => Promise.reject(new Error('no terminal')), call.ctx);
  call.cancel();
  await expect(following).resolves.toBeUndefined();
  await expect(followSizes(undefined, () => Promise.resolve(), call.ctx)).resolves.toBeUndefined();
});
