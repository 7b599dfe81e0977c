import fc from 'fast-check';
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Bell } from '../../../src/lib/bell';
import { silentLog, type Log } from '../../../src/lib/log';
import { BufferPool } from '../../../src/logs/render-buffers';
import { Spool } from '../../../src/logs/spool';
import type { OutputPosition } from '../../../src/store/log-offsets';
import { anEntry, jsonOf, JsonFileLog, lineOf, timeOf, type Entry } from '../../support/json-file-log';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();
const pool = new BufferPool(1);

const spools: Spool[] = [];
const aSpool = (path: string, log: Log = silentLog, bell = new Bell(), onGap?: () => void): Spool => {
  const spool = new Spool(path, pool, bell, log, onGap);
  spools.push(spool);
  return spool;
};

afterEach(async () => {
  await Promise.all(spools.splice(0).map((spool) => spool.close()));
});

/** All that there is now. */
async function readAll(spool: Spool): Promise<string> {
  let text = '';
  for (let length = -1; length !== 0;) {
    length = await pool.use(async (buffers) => {
      const written = await spool.read(buffers);
      text += buffers.output.toString('utf8', 0, written);
      return written;
    });
  }
  return text;
}

/** A log that counts its warnings. */
function counting(): Log & { warnings: number } {
  const log = { ...silentLog, warnings: 0, warn: () => void (log.warnings += 1) };
  return log;
}

type Step =
  | { do: 'write'; lines: number; torn: boolean }
  /** Parts of one line at one time, each in a file of its own; `goesOn`: of the line that the last one was. */
  | { do: 'write long'; parts: number; goesOn: boolean }
  | { do: 'rotate' }
  | { do: 'read' }
  | { do: 'restart' };

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('write' as const), lines: fc.integer({ min: 1, max: 20 }), torn: fc.boolean() }),
  fc.record({ do: fc.constant('write long' as const), parts: fc.integer({ min: 1, max: 3 }), goesOn: fc.boolean() }),
  fc.constant({ do: 'rotate' as const }),
  fc.constant({ do: 'read' as const }),
  fc.constant({ do: 'restart' as const }),
);

it('every line comes once and in order, over rotations and restarts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 40, size: 'max' }), async (story) => {
      const directory = mkdtempSync(join(tmpdir(), 'spool-'));
      // As many files as the story may need: Docker removes none that was not read.
      const docker = new JsonFileLog(join(directory, 'c', 'c-json.log'), 150);
      const log = counting();
      let spool = aSpool(docker.path, log);
      let position: OutputPosition | undefined;
      const entries: Entry[] = [];
      let text = '';
      await spool.seek(undefined);
      for (const step of [...story, { do: 'write', lines: 1, torn: false } as const, { do: 'read' } as const]) {
        if (step.do === 'write') {
          const from = entries.length + 1;
          entries.push(...Array.from({ length: step.lines }, (_, index) => anEntry(from + index)));
          const lines = entries.slice(-step.lines).map(jsonOf).join('');
          const torn = step.torn ? lines.length - 10 : lines.length;
          docker.write(lines.slice(0, torn));
          if (step.torn) text += await readAll(spool);
          ({ position } = spool);
          docker.write(lines.slice(torn));
        } else if (step.do === 'write long') {
          const begun = anEntry(entries.length + 1).time;
          const time = (step.goesOn ? entries.at(-1)?.time : undefined) ?? begun;
          for (let part = 1; part <= step.parts; part += 1) {
            const entry = { ...anEntry(0), text: `part ${entries.length}`, time };
            entries.push(entry);
            docker.rotate();
            docker.write(jsonOf(entry));
          }
        } else if (step.do === 'rotate') {
          docker.rotate();
        } else if (step.do === 'read') {
          text += await readAll(spool);
          ({ position } = spool);
        } else {
          await spool.close();
          spool = aSpool(docker.path, log);
          await spool.seek(position);
        }
      }
      expect(text).toBe(entries.map(lineOf).join(''));
      expect(log.warnings).toBe(0);
      await spool.close();
      rmSync(directory, { recursive: true });
    }),
    { numRuns: 100 },
  );
});

describe('a place without an inode, as an earlier version recorded it', () => {
  it('is in the file with that time', async () => {
    const docker = new JsonFileLog(root.path('c', 'c-json.log'), 3);
    docker.write(jsonOf(anEntry(1)));
    docker.rotate();
    docker.write(jsonOf(anEntry(2)) + jsonOf(anEntry(3)));
    const spool = aSpool(docker.path);
    await spool.seek({ at: timeOf(2), offset: jsonOf(anEntry(2)).length });

    expect(await readAll(spool)).toBe(lineOf(anEntry(3)));
  });

  it('is in the oldest of those with that time: none of what a long line has after it is lost', async () => {
    const docker = new JsonFileLog(root.path('c', 'c-json.log'), 4);
    const parts = ['one', 'two', 'three', 'four'].map((text) => ({ ...anEntry(1), text }));
    for (const part of parts) {
      docker.rotate();
      docker.write(jsonOf(part));
    }
    const spool = aSpool(docker.path);
    await spool.seek({ at: timeOf(1), offset: jsonOf(parts[0] as Entry).length });

    expect(await readAll(spool)).toBe(parts.slice(1).map(lineOf).join(''));
  });
});

describe('what Docker rotates away', () => {
  it('is read all the same when it was seen before', async () => {
    const docker = new JsonFileLog(root.path('c', 'c-json.log'), 2);
    docker.write(jsonOf(anEntry(1)));
    const spool = aSpool(docker.path);
    await spool.seek(undefined);
    docker.write(jsonOf(anEntry(2)));
    docker.rotate();
    docker.write(jsonOf(anEntry(3)));

    expect(await readAll(spool)).toBe([1, 2, 3].map((number) => lineOf(anEntry(number))).join(''));
  });

  it('leaves more to be read at once: nothing rings for a file that was begun before', async () => {
    const docker = new JsonFileLog(root.path('c', 'c-json.log'), 2);
    docker.write(jsonOf(anEntry(1)));
    const spool = aSpool(docker.path);
    await spool.seek(undefined);
    await pool.use((buffers) => spool.read(buffers));
    expect(spool.more).toBe(false);
    docker.write(jsonOf(anEntry(2)));
    docker.rotate();
    docker.write(jsonOf(anEntry(3)));

    await pool.use((buffers) => spool.read(buffers));
    expect(spool.more).toBe(true);
    expect(await readAll(spool)).toBe(lineOf(anEntry(3)));
    expect(spool.more).toBe(false);
  });

  it('is told when lines may be lost', async () => {
    const docker = new JsonFileLog(root.path('c', 'c-json.log'), 2);
    const log = counting();
    let gaps = 0;
    const spool = aSpool(docker.path, log, new Bell(), () => (gaps += 1));
    docker.write(jsonOf(anEntry(1)));
    await spool.seek(undefined);
    await readAll(spool);
    for (const number of [2, 3, 4]) {
      docker.rotate();
      docker.write(jsonOf(anEntry(number)));
    }

    expect(await readAll(spool)).toBe([3, 4].map((number) => lineOf(anEntry(number))).join(''));
    expect([log.warnings, gaps]).toEqual([1, 1]);

    const late = aSpool(docker.path, log);
    await late.seek({ at: timeOf(1), offset: 10 });
    expect(await readAll(late)).toBe([3, 4].map((number) => lineOf(anEntry(number))).join(''));
    expect(log.warnings).toBe(2);
  });

  it('is read from the beginning when it was cut off in place', async () => {
    const docker = new JsonFileLog(root.path('c', 'c-json.log'), 1);
    const spool = aSpool(docker.path);
    docker.write(jsonOf(anEntry(1)) + jsonOf(anEntry(2)));
    await spool.seek(undefined);
    await readAll(spool);
    truncateSync(docker.path);
    docker.write(jsonOf(anEntry(3)));

    expect(await readAll(spool)).toBe(lineOf(anEntry(3)));
  });
});

it('has more until it was read to the end of the file, however short its lines are once they are rendered', async () => {
  const docker = new JsonFileLog(root.path('c', 'c-json.log'), 2);
  const entries = Array.from({ length: 50 }, (_, number) => ({ ...anEntry(number), text: `${'<'.repeat(2000)}\n` }));
  docker.write(entries.map(jsonOf).join(''));
  const spool = aSpool(docker.path);
  await spool.seek(undefined);
  let text = '';
  do {
    text += await pool.use(async (buffers) => buffers.output.toString('utf8', 0, await spool.read(buffers)));
  } while (spool.more);

  expect(text.match(/^.{16,40} stdout F <{2000}$/gm)).toHaveLength(50);
});

it('a line that fills the buffer is passed over', async () => {
  const docker = new JsonFileLog(root.path('c', 'c-json.log'), 2);
  docker.write(`{"log":"${'x'.repeat(600_000)}\n${jsonOf(anEntry(1))}`);
  const spool = aSpool(docker.path);
  await spool.seek(undefined);

  expect(await readAll(spool)).toBe(lineOf(anEntry(1)));
});

describe('the end', () => {
  it('comes when the container has ended and all is read', async () => {
    const docker = new JsonFileLog(root.path('c', 'c-json.log'), 2);
    docker.write(jsonOf(anEntry(1)));
    const spool = aSpool(docker.path);
    await spool.seek(undefined);
    await readAll(spool);
    expect(spool.finished).toBe(false);
    docker.write(jsonOf(anEntry(2)));
    spool.end();

    expect(await readAll(spool)).toBe(lineOf(anEntry(2)));
    expect(spool.finished).toBe(true);
  });

  it('comes when the container was removed, after what was still to be read', async () => {
    const docker = new JsonFileLog(root.path('c', 'c-json.log'), 2);
    const spool = aSpool(docker.path);
    docker.write(jsonOf(anEntry(1)));
    await spool.seek(undefined);
    rmSync(dirname(docker.path), { recursive: true });

    expect(await readAll(spool)).toBe(lineOf(anEntry(1)));
    expect(spool.finished).toBe(true);
  });
});

it('rings when there is something new', async () => {
  const docker = new JsonFileLog(root.path('c', 'c-json.log'), 2);
  const bell = new Bell();
  const spool = aSpool(docker.path, silentLog, bell);
  await spool.seek(undefined);
  expect(spool.rings()).toBe(false);
  expect(await readAll(spool)).toBe('');
  expect(spool.rings()).toBe(true);

  docker.write(jsonOf(anEntry(1)));
  await bell.wait();

  expect(await readAll(spool)).toBe(lineOf(anEntry(1)));
});
