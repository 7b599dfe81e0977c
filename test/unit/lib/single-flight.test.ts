import type { CallContext } from '../../../src/lib/call-context';
import { SingleFlight } from '../../../src/lib/single-flight';
import { aCall } from '../../support/a-call';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work whose every run is kept, to be ended by the test. */
class Work {
  readonly runs: { readonly ctx: CallContext; resolve(value: number): void; reject(error: Error): void }[] = [];

  readonly start = (ctx: CallContext): Promise<number> =>
    new Promise((resolve, reject) => {
      this.runs.push({ ctx, resolve, reject });
    });
}

it('callers of one key share one run', async () => {
  const flights = new SingleFlight<number>();
  const work = new Work();
  const callers = [1, 2, 3].map(() => flights.run(aCall().ctx, 'a', work.start));
  expect(flights.size).toBe(1);
  work.runs[0]?.resolve(7);
  await expect(Promise.all(callers)).resolves.toEqual([7, 7, 7]);
  expect(work.runs).toHaveLength(1);
  expect(flights.size).toBe(0);
});

it('callers of different keys do not', async () => {
  const flights = new SingleFlight<number>();
  const work = new Work();
  const callers = ['a', 'b'].map((key) => flights.run(aCall().ctx, key, work.start));
  work.runs[0]?.resolve(1);
  work.runs[1]?.resolve(2);
  await expect(Promise.all(callers)).resolves.toEqual([1, 2]);
});

it('a failure is for all of them, and is not kept', async () => {
  const flights = new SingleFlight<number>();
  const work = new Work();
  const callers = [1, 2].map(() => flights.run(aCall().ctx, 'a', work.start));
  work.runs[0]?.reject(new Error('no'));
  for (const result of await Promise.allSettled(callers)) expect(result).toMatchObject({ reason: new Error('no') });
  const again = flights.run(aCall().ctx, 'a', work.start);
  work.runs[1]?.resolve(7);
  await expect(again).resolves.toBe(7);
});

it('a caller that comes after the end starts anew', async () => {
  const flights = new SingleFlight<number>();
  const work = new Work();
  const first = flights.run(aCall().ctx, 'a', work.start);
  work.runs[0]?.resolve(1);
  await first;
  const second = flights.run(aCall().ctx, 'a', work.start);
  work.runs[1]?.resolve(2);
  await expect(second).resolves.toBe(2);
});

it('the first caller may leave: the work goes on for the others', async () => {
  const flights = new SingleFlight<number>();
  const work = new Work();
  const first = aCall();
  const leaving = flights.run(first.ctx, 'a', work.start);
  const staying = flights.run(aCall().ctx, 'a', work.start);
  first.cancel();
  await expect(leaving).rejects.toBe(first.reason);
  expect(work.runs[0]?.ctx.signal.aborted).toBe(false);
  work.runs[0]?.resolve(7);
  await expect(staying).resolves.toBe(7);
});

it('when the last one leaves the work is cancelled, and who comes then does not join it', async () => {
  const flights = new SingleFlight<number>();
  const work = new Work();
  const calls = [aCall(), aCall()];
  const leaving = calls.map(({ ctx }) => flights.run(ctx, 'a', work.start));
  calls[0]?.cancel();
  await settled();
  expect(work.runs[0]?.ctx.signal.aborted).toBe(false);
  calls[1]?.cancel();
  await Promise.allSettled(leaving);
  expect(work.runs[0]?.ctx.signal.reason).toMatchObject({ kind: 'Cancelled' });
  expect(flights.size).toBe(0);

  const late = flights.run(aCall().ctx, 'a', work.start);
  // The cancelled run ends after the new one began, and takes nothing from it.
  work.runs[0]?.reject(new Error('cancelled'));
  await settled();
  expect(flights.size).toBe(1);
  work.runs[1]?.resolve(7);
  await expect(late).resolves.toBe(7);
});

it('work that cannot even start leaves nothing behind', async () => {
  const flights = new SingleFlight<number>();
  const cannot = (): Promise<number> => {
    throw new Error('no');
  };
  await expect(flights.run(aCall().ctx, 'a', cannot)).rejects.toThrow('no');
  expect(flights.size).toBe(0);
});
