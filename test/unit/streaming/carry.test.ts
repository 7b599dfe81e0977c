import { PassThrough, Readable, Writable } from 'node:stream';
import { carry } from '../../../src/streaming/carry';
import { until } from '../../support/until';

/** Keeps each batch of parts that was written in one go. */
class Kept extends Writable {
  readonly batches: string[][] = [];

  constructor(private readonly delayed = false) {
    super({ highWaterMark: 64 });
  }

  override _writev(parts: readonly { chunk: Buffer }[], done: () => void): void {
    this.batches.push(parts.map(({ chunk }) => chunk.toString()));
    if (this.delayed) setImmediate(done);
    else done();
  }
}

/** Emits parts as its reader takes them, all at once if it may. */
function partsOf(count: number, part: Buffer): Readable {
  let left = count;
  return new Readable({
    highWaterMark: 1,
    read() {
      this.push(left > 0 ? part : null);
      left -= 1;
    },
  });
}

it('writes together what comes together, and ends with it', async () => {
  const from = new PassThrough();
  const to = new Kept();
  carry(from, to);
  for (const word of ['one', 'two', 'three']) from.write(word);
  await until(() => to.batches.length > 0);
  from.end('four');
  await until(() => to.writableFinished);
  expect(to.batches).toEqual([['one', 'two', 'three'], ['four']]);
});

it('leaves others their turn, however short the parts are', async () => {
  const from = partsOf(5_000, Buffer.from('x'));
  const sink = new Writable({ highWaterMark: 1024 * 1024, write: (_part, _encoding, done) => done() });
  let inTurn = 0;
  let most = 0;
  from.on('data', () => {
    most = Math.max(most, (inTurn += 1));
  });
  const tick = (): void => {
    inTurn = 0;
    timer = setImmediate(tick);
  };
  let timer = setImmediate(tick);
  carry(from, sink);
  await until(() => sink.writableFinished);
  clearImmediate(timer);
  expect(most).toBeLessThanOrEqual(256);
});

it('reads at the pace of the writer', async () => {
  const from = partsOf(1_000, Buffer.alloc(32, 'x'));
  const to = new Kept(true);
  carry(from, to);
  await until(() => to.writableFinished);
  expect(to.batches.flat()).toHaveLength(1_000);
  expect(Math.max(...to.batches.map((batch) => batch.length))).toBeLessThanOrEqual(2);
});

it('writes nothing more when it has been stopped, and can leave the end to others', async () => {
  const from = new PassThrough();
  const to = new Kept();
  const stop = carry(from, to, { end: false });
  from.write('one');
  await until(() => to.batches.length > 0);
  stop();
  from.end('two');
  await until(() => from.readableEnded);
  expect([to.batches, to.writableEnded]).toEqual([[['one']], false]);
});
