import fc from 'fast-check';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bell } from '../../../src/lib/bell';
import { silentLog } from '../../../src/lib/log';
import { Follower } from '../../../src/logs/follower';
import type { OutputSource } from '../../../src/logs/output-source';
import { BufferPool } from '../../../src/logs/render-buffers';
import { Spool } from '../../../src/logs/spool';
import { LogOffsets } from '../../../src/store/log-offsets';
import { keptLog, type LogLine } from '../../support/cri-server-under-test';
import { anEntry, jsonOf, JsonFileLog, lineOf, type Entry } from '../../support/json-file-log';
import { temporaryDirectory } from '../../support/temporary-directory';

const ID = 'c'.repeat(64);
const SPOOL_FILES = 50;
/** For lines to be written, in milliseconds. */
const PATIENCE_MS = 5_000;

/** A container's log with all that is around it, and a shim that may be killed. */
class Scene {
  private readonly directory = mkdtempSync(join(tmpdir(), 'follower-'));
  private readonly docker = new JsonFileLog(join(this.directory, 'docker', `${ID}-json.log`), SPOOL_FILES);
  private readonly offsets = new LogOffsets(join(this.directory, 'offsets'));
  private readonly logPath = join(this.directory, 'pod', '0.log');
  private readonly buffers = new BufferPool(1);
  private readonly recordPath = join(this.directory, 'offsets', ID);
  private follower!: Follower;
  private ended!: Promise<void>;
  private readonly entries: Entry[] = [];
  private rotations = 0;
  private replaced = false;
  /** What a kill would leave of the record: the last one that names the file that is written to. */
  private record!: Buffer;

  async begin(): Promise<void> {
    mkdirSync(join(this.directory, 'pod'));
    writeFileSync(this.logPath, '');
    const { ino } = statSync(this.logPath, { bigint: true });
    const subject = { logPath: this.logPath, spoolPath: this.docker.path, tty: false };
    await this.offsets.create(ID, subject, { position: undefined, file: { inode: String(ino), size: 0 } });
    this.record = readFileSync(this.recordPath);
    await this.start();
  }

  async start(): Promise<void> {
    const kept = await this.offsets.read(ID);
    if (kept === undefined) throw new Error('no record');
    this.follower = new Follower(
      {
        containerId: ID,
        logPath: this.logPath,
        offsets: this.offsets,
        buffers: this.buffers,
        log: silentLog,
        makeSource: (bell) => new Spool(this.docker.path, this.buffers, bell, silentLog),
      },
      kept.record,
    );
    this.ended = this.follower.run();
  }

  write(count: number, tail?: string): void {
    const from = this.entries.length + 1;
    const entries = Array.from({ length: count }, (_, index) => anEntry(from + index, tail));
    this.entries.push(...entries);
    this.docker.write(entries.map(jsonOf).join(''));
  }

  rotateSpool(): void {
    this.docker.rotate();
  }

  /** Until the shim has written all that there is; not while it writes to a file that was renamed over, unknowing. */
  async settle(): Promise<void> {
    if (this.replaced) return;
    const last = this.entries.at(-1);
    const giveUp = Date.now() + PATIENCE_MS;
    while (last !== undefined && !this.written().endsWith(lineOf(last))) {
      if (Date.now() > giveUp) throw new Error(`not written: ${lineOf(last)}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** As a kubelet rotates; one that hears no answer takes its rename back. */
  async rotate(answered: 'answered' | 'not answered' | 'killed', linesBetween: number): Promise<void> {
    const rotated = `${this.logPath}.${String((this.rotations += 1)).padStart(4, '0')}`;
    renameSync(this.logPath, rotated);
    await this.follower.reopen();
    this.replaced = false;
    this.record = readFileSync(this.recordPath);
    if (linesBetween > 0) {
      this.write(linesBetween);
      await this.settle();
    }
    if (answered === 'killed') await this.stop();
    if (answered !== 'answered') renameSync(rotated, this.logPath);
    this.replaced = answered === 'not answered';
    if (answered === 'killed') await this.start();
  }

  /** @param kept of what was written since the record, the share that is there when the shim comes back, 0 to 1 */
  async kill(kept: number): Promise<void> {
    await this.stop();
    const { file } = JSON.parse(this.record.toString('utf8', 0, 1024)) as { file: { inode: string; size: number } };
    const { ino, size } = statSync(this.logPath, { bigint: true });
    // A kill that comes in the middle of a write leaves a part of it.
    if (String(ino) === file.inode) {
      truncateSync(this.logPath, file.size + Math.round((Number(size) - file.size) * kept));
    }
    this.replaced = false;
    await this.start();
  }

  /** A kill that leaves all as it is, and what happens before the shim comes back. */
  async crash(meanwhile: () => void): Promise<void> {
    this.record = readFileSync(this.recordPath);
    await this.stop();
    meanwhile();
    await this.start();
  }

  /** The container has ended: answers what all its log files have, one after the other. */
  async end(): Promise<string> {
    this.follower.end();
    await this.ended;
    const { file } = JSON.parse(readFileSync(this.recordPath, 'utf8').slice(0, 1024)) as { file: { size: number } };
    expect(file.size).toBe(statSync(this.logPath).size);
    return this.written();
  }

  expected(): string {
    return this.entries.map(lineOf).join('');
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  private async stop(): Promise<void> {
    this.follower.stop();
    await this.ended;
    writeFileSync(this.recordPath, this.record);
  }

  private written(): string {
    const [current = '', ...rotated] = readdirSync(join(this.directory, 'pod')).sort();
    const files = [...rotated, ...(current === '0.log' ? [current] : [])];
    if (current !== '0.log' && current !== '') files.unshift(current);
    return files.map((name) => readFileSync(join(this.directory, 'pod', name), 'utf8')).join('');
  }
}

async function played(story: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = new Scene();
  await scene.begin();
  await story(scene);
  expect(await scene.end()).toBe(scene.expected());
  scene.remove();
}

it('a container that said nothing leaves an empty log', () => played(async () => undefined));

it('output that came at once is written to its end, although nothing comes after it', () =>
  played(async (scene) => {
    scene.write(1);
    await scene.settle();
    scene.write(150, '<'.repeat(2000));
    await scene.settle();
  }));

it('what was written and not recorded before a kill is not repeated, nor is a part of it lost', () =>
  played(async (scene) => {
    for (const kept of [0, 0.33, 0.5, 1]) {
      scene.write(100);
      await scene.settle();
      await scene.kill(kept);
    }
  }));

it('what went to a file that the kubelet has renamed over is written again', () =>
  played(async (scene) => {
    for (const answered of ['not answered', 'killed', 'answered', 'not answered'] as const) {
      scene.write(3);
      await scene.rotate(answered, 5);
    }
  }));

it('a file that was renamed while the shim was away is completed, and the next one begun', () =>
  played(async (scene) => {
    scene.write(10);
    await scene.settle();
    await scene.rotate('answered', 0);
    scene.write(10);
    await scene.kill(0.5);
    scene.write(10);
  }));

it('what was written is not repeated when Docker has removed the files before the one that is read', () =>
  played(async (scene) => {
    scene.write(10);
    await scene.settle();
    scene.rotateSpool();
    scene.write(10);
    await scene.settle();
    await scene.crash(() => {
      for (let rotation = 0; rotation < SPOOL_FILES - 1; rotation += 1) {
        scene.rotateSpool();
        scene.write(1);
      }
    });
  }));

describe('what fails again and again is told once, with its reason', () => {
  const root = temporaryDirectory();

  /** Each call to reopen the log is another attempt. */
  async function toldOver(attempts: number, logPath: string, spoolPath: string): Promise<LogLine[]> {
    const told: LogLine[] = [];
    const offsets = new LogOffsets(root.path('offsets'));
    const record = { position: undefined, file: { inode: '0', size: 0 } };
    await offsets.create(ID, { logPath, spoolPath, tty: false }, record);
    const buffers = new BufferPool(1);
    const log = keptLog(told);
    const makeSource = (bell: Bell) => new Spool(spoolPath, buffers, bell, log);
    const follower = new Follower({ containerId: ID, logPath, offsets, buffers, log, makeSource }, record);
    const ended = follower.run();
    while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    for (let attempt = 0; attempt < attempts; attempt += 1) await follower.reopen().catch(() => undefined);
    follower.stop();
    await ended;
    return told;
  }

  it('a disk that is full', async () => {
    new JsonFileLog(root.path('docker', 'c-json.log'), 1).write(jsonOf(anEntry(1)));

    expect(await toldOver(10, '/dev/full', root.path('docker', 'c-json.log'))).toMatchObject([
      { level: 'warn', fields: { log: '/dev/full', error: expect.stringContaining('ENOSPC') as string } },
    ]);
  });

  it("a log of Docker's that cannot be read", async () => {
    const spoolPath = root.path('docker', 'c-json.log');
    mkdirSync(spoolPath, { recursive: true });

    expect(await toldOver(10, root.path('0.log'), spoolPath)).toMatchObject([
      {
        level: 'warn',
        fields: { error: expect.stringMatching(/^read docker's log .*c-json.log: .*EISDIR/) as string },
      },
    ]);
  });
});

describe('of a source that says nothing', () => {
  const root = temporaryDirectory();
  const record = { position: undefined, file: { inode: '0', size: 0 } };

  class SilentOutput implements OutputSource {
    readonly position = undefined;
    readonly more = false;
    readonly closing = new Bell();
    readonly closed = new Bell();
    reads = 0;
    constructor(
      readonly finished: boolean,
      readonly gone = finished,
    ) {}
    seek = () => Promise.resolve();
    read = () => {
      this.reads += 1;
      return Promise.resolve(0);
    };
    rings = () => true;
    behind = () => Promise.resolve(0);
    end = () => undefined;
    close = async () => {
      this.closing.ring();
      await this.closed.wait();
    };
  }

  async function aFollower(source: OutputSource, offsets: LogOffsets): Promise<Follower> {
    const logPath = root.path('0.log');
    await offsets.create(ID, { logPath, spoolPath: undefined, tty: false }, record);
    const buffers = new BufferPool(1);
    const parts = { containerId: ID, logPath, offsets, buffers, log: silentLog, makeSource: () => source };
    return new Follower(parts, record);
  }

  it('refuses to reopen its log once it has ended, also while it is still closing', async () => {
    const source = new SilentOutput(true);
    const follower = await aFollower(source, new LogOffsets(root.path('offsets')));
    const ended = follower.run();
    await source.closing.wait();
    await expect(follower.reopen()).rejects.toMatchObject({ kind: 'FailedPrecondition' });
    source.closed.ring();
    await ended;
  });

  it('looks at it from time to time, although nothing rings: the kernel may have dropped a change', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'Date'] });
    const source = new SilentOutput(false);
    source.closed.ring();
    const follower = await aFollower(source, new LogOffsets(root.path('offsets')));
    const ended = follower.run();
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    while (source.reads === 0) await turn();
    for (let turns = 0; turns < 100 && source.reads === 1; turns += 1) {
      await turn();
      jest.runOnlyPendingTimers();
    }
    jest.useRealTimers();
    follower.stop();
    await ended;

    expect(source.reads).toBeGreaterThan(1);
  });

  it('has closed its source once it has ended, whatever went wrong', async () => {
    class BrokenOffsets extends LogOffsets {
      override remove() {
        return Promise.reject(new Error('EIO'));
      }
    }
    const source = new SilentOutput(true);
    source.closed.ring();
    await (await aFollower(source, new BrokenOffsets(root.path('offsets')))).run();
    await source.closing.wait();
  });
});

const steps = fc.oneof(
  fc.integer({ min: 1, max: 300 }).map((count) => (scene: Scene) => scene.write(count)),
  fc.constant((scene: Scene) => scene.rotateSpool()),
  fc.constant((scene: Scene) => scene.settle()),
  fc.double({ min: 0, max: 1, noNaN: true }).map((kept) => (scene: Scene) => scene.kill(kept)),
  fc.tuple(fc.constantFrom('answered' as const, 'not answered' as const, 'killed' as const), fc.nat(5)).map(
    ([answered, lines]) =>
      (scene: Scene) =>
        scene.rotate(answered, lines),
  ),
);

it('each line is written once and in order, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 15 }), (story) =>
      played(async (scene) => {
        for (const step of story) await step(scene);
      }),
    ),
    { numRuns: 40 },
  );
}, 60_000);
