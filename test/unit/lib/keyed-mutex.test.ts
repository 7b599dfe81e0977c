import fc from 'fast-check';
import { KeyedMutex } from '../../../src/lib/keyed-mutex';
import { aCall } from '../../support/a-call';

/** Work that ends when it is told to. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Lets everything that can go on, go on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('answers what the work does', async () => {
  await expect(new KeyedMutex().run(aCall().ctx, 'a', () => Promise.resolve(7))).resolves.toBe(7);
});

it('runs the work of a key one after the other, in order of arrival', async () => {
  const mutex = new KeyedMutex();
  const started: number[] = [];
  const gates = [gate(), gate(), gate()];
  const runs = gates.map(({ opened }, at) =>
    mutex.run(aCall().ctx, 'a', () => {
      started.push(at);
      return opened;
    }),
  );
  // The last ones could end at once; they have not begun.
  gates[2]?.open();
  gates[1]?.open();
  await settled();
  expect(started).toEqual([0]);
  gates[0]?.open();
  await Promise.all(runs);
  expect(started).toEqual([0, 1, 2]);
});

it('never lets a key wait for another', async () => {
  const mutex = new KeyedMutex();
  const held = gate();
  const holding = mutex.run(aCall().ctx, 'a', () => held.opened);
  await expect(mutex.run(aCall().ctx, 'b', () => Promise.resolve('done'))).resolves.toBe('done');
  held.open();
  await holding;
});

it.each([
  ['rejects', () => Promise.reject(new Error('no'))],
  [
    'throws',
    () => {
      throw new Error('no');
    },
  ],
])('goes on after work that %s', async (_how, work) => {
  const mutex = new KeyedMutex();
  await expect(mutex.run(aCall().ctx, 'a', work)).rejects.toThrow('no');
  await expect(mutex.run(aCall().ctx, 'a', () => Promise.resolve(7))).resolves.toBe(7);
});

it('a caller that leaves the queue never runs, and those behind it keep their places', async () => {
  const mutex = new KeyedMutex();
  const held = gate();
  const left = aCall();
  const started: string[] = [];
  const work = (name: string) => () => {
    started.push(name);
    return Promise.resolve();
  };
  const first = mutex.run(aCall().ctx, 'a', () => held.opened);
  const leaving = mutex.run(left.ctx, 'a', work('left'));
  const last = mutex.run(aCall().ctx, 'a', work('last'));
  left.cancel();
  await expect(leaving).rejects.toBe(left.reason);
  await settled();
  expect(started).toEqual([]);
  held.open();
  await Promise.all([first, last]);
  expect(started).toEqual(['last']);
});

it('a call that has ended does not even get a free key', async () => {
  const { ctx, cancel, reason } = aCall();
  cancel();
  const work = jest.fn();
  await expect(new KeyedMutex().run(ctx, 'a', work)).rejects.toBe(reason);
  expect(work).not.toHaveBeenCalled();
});

it('work under way is left to its own devices when its call ends', async () => {
  const mutex = new KeyedMutex();
  const held = gate();
  const call = aCall();
  const running = mutex.run(call.ctx, 'a', () => held.opened.then(() => 'finished'));
  await settled();
  call.cancel();
  held.open();
  await expect(running).resolves.toBe('finished');
});

it('tells work whether it had to wait', async () => {
  const mutex = new KeyedMutex();
  const told = (waited: boolean): Promise<boolean> => Promise.resolve(waited);
  const runs = ['a', 'a', 'b'].map((key) => mutex.run(aCall().ctx, key, told));
  await expect(Promise.all(runs)).resolves.toEqual([false, true, false]);
  await settled();
  await expect(mutex.run(aCall().ctx, 'a', told)).resolves.toBe(false);
});

it('counts busy keys, and forgets those that are idle', async () => {
  const mutex = new KeyedMutex();
  const held = gate();
  const runs = ['a', 'a', 'b'].map((key) => mutex.run(aCall().ctx, key, () => held.opened));
  expect(mutex.size).toBe(2);
  expect(['a', 'b', 'c'].map((key) => mutex.isBusy(key))).toEqual([true, true, false]);
  held.open();
  await Promise.all(runs);
  await settled();
  expect(mutex.size).toBe(0);
});

it('whatever the interleaving: one at a time, in order, the rest untouched, nothing left', async () => {
  const callers = fc.array(
    fc.record({ key: fc.constantFrom('a', 'b', 'c'), leaves: fc.boolean(), fails: fc.boolean() }),
    { minLength: 1, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(callers, fc.scheduler(), async (all, scheduler) => {
      const mutex = new KeyedMutex();
      const running = new Set<string>();
      const started: Record<string, number[]> = { a: [], b: [], c: [] };

      let arrived = 0;
      const ends = all.map(async ({ key, leaves, fails }) => {
        await scheduler.schedule(Promise.resolve(), 'arrives');
        const at = (arrived += 1);
        const call = aCall();
        let runs = false;
        let wasCancelledInTime = false;
        if (leaves) {
          void scheduler.schedule(Promise.resolve(), `${at} leaves`).then(() => {
            wasCancelledInTime = !runs;
            call.cancel();
          });
        }
        const end = await mutex
          .run(call.ctx, key, async () => {
            expect(running.has(key)).toBe(false);
            running.add(key);
            runs = true;
            started[key]?.push(at);
            await scheduler.schedule(Promise.resolve(), `${at} works`);
            running.delete(key);
            if (fails) throw new Error('failed');
            return 'done';
          })
          .catch((error: unknown) => (error === call.reason ? 'left' : 'failed'));
        expect(end).toBe(wasCancelledInTime ? 'left' : fails ? 'failed' : 'done');
        expect(runs).toBe(!wasCancelledInTime);
      });

      await scheduler.waitFor(Promise.all(ends));
      for (const order of Object.values(started)) expect(order).toEqual([...order].sort((one, other) => one - other));
      await settled();
      expect(mutex.size).toBe(0);
    }),
  );
});
