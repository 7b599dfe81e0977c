import { startContainer, type StartNeeds } from '../../../src/container/start';
import type { EngineFacts } from '../../../src/docker/engine-facts';
import type { ContainerInspect } from '../../../src/docker/types';
import { KeyedMutex } from '../../../src/lib/keyed-mutex';
import { cgroupLabel, containerLabels } from '../../../src/translate/labels';
import { aCall } from '../../support/a-call';
import { refusalOf } from '../../support/refusal';

const ID = 'f0'.repeat(32);
const FILES = { 'hugetlb.2MB.max': '0' };

/** A container whose start is held until it is let go, and what is done with it. */
class HeldContainer {
  readonly done: string[] = [];
  readonly asked: Promise<void>;
  private readonly released: Promise<void>;
  private ask!: () => void;
  release!: () => void;
  running = false;

  constructor(
    private readonly files: Readonly<Record<string, string>>,
    private readonly updated: Readonly<Record<string, string>> = {},
  ) {
    this.asked = new Promise((resolve) => (this.ask = resolve));
    this.released = new Promise((resolve) => (this.release = resolve));
  }

  needs(writeCgroupFiles: StartNeeds['writeCgroupFiles'], isInContainer = true): StartNeeds {
    return {
      engine: {
        inspectContainer: () => Promise.resolve(this.inspect()),
        startContainer: (ctx) => this.start(ctx.signal),
        stopContainer: () => Promise.resolve(void this.done.push('stopped')),
      },
      facts: () => Promise.resolve({} as EngineFacts),
      logs: { begin: () => Promise.resolve() },
      cgroups: new KeyedMutex(),
      cgroupUpdates: { of: () => this.updated },
      isInContainer: () => isInContainer,
      writeCgroupFiles,
    };
  }

  private async start(signal: AbortSignal): Promise<void> {
    this.ask();
    await this.released;
    // As Docker does: it starts the container, whoever is still there to be told.
    this.running = true;
    signal.throwIfAborted();
  }

  private inspect(): ContainerInspect {
    const Labels = {
      ...containerLabels({ labels: {}, annotations: {} }, 'a'.repeat(64), ''),
      ...cgroupLabel(this.files),
    };
    const State = { Status: this.running ? 'running' : 'created', Running: this.running, Pid: this.running ? 7 : 0 };
    return { Id: ID, Config: { Labels }, State } as unknown as ContainerInspect;
  }
}

const start = (needs: StartNeeds, ctx: ReturnType<typeof aCall>['ctx']) =>
  startContainer(needs)({ containerId: ID }, ctx);

it('writes the limits of a container whose start the client has given up', async () => {
  const container = new HeldContainer(FILES);
  const written: unknown[] = [];
  const call = aCall();
  const starting = start(
    container.needs((of, files) => Promise.resolve(void written.push(of, files))),
    call.ctx,
  );
  await container.asked;
  call.cancel();
  container.release();
  await starting;
  expect(written).toEqual([{ containerId: ID, pid: 7 }, FILES]);
});

it('writes what an update before the start has asked for', async () => {
  const container = new HeldContainer({ ...FILES, 'memory.high': '1' }, { 'memory.high': 'max' });
  const written: unknown[] = [];
  container.release();
  await start(
    container.needs((_of, files) => Promise.resolve(void written.push(files))),
    aCall().ctx,
  );
  expect(written).toEqual([{ ...FILES, 'memory.high': 'max' }]);
});

it('stops a container whose limits cannot be written, also when the client has left', async () => {
  const container = new HeldContainer(FILES);
  const call = aCall();
  const starting = start(
    container.needs(() => Promise.reject(new Error('no such file'))),
    call.ctx,
  );
  await container.asked;
  call.cancel();
  container.release();
  expect(await refusalOf(starting)).toBe(`Internal: start container ${ID}: no such file`);
  expect(container.done).toEqual(['stopped']);
});

it('has started a container that ends before its limits are written, also when Docker does not know yet', async () => {
  const container = new HeldContainer(FILES);
  container.release();
  const refused = () => {
    // Docker notices between two questions.
    setTimeout(() => (container.running = false), 50);
    return Promise.reject(new Error('no such file'));
  };
  expect(await start(container.needs(refused, false), aCall().ctx)).toEqual({});
  expect(container.done).toEqual([]);
});

it('stops a container whose cgroup cannot be read, and that runs all the same as Docker has it', async () => {
  const container = new HeldContainer(FILES);
  container.release();
  const needs = container.needs(() => Promise.reject(new Error('EMFILE')), false);
  expect(await refusalOf(start(needs, aCall().ctx))).toBe(`Internal: start container ${ID}: EMFILE`);
  expect(container.done).toEqual(['stopped']);
});

it('ends with its client when there is nothing to write', async () => {
  const container = new HeldContainer({});
  const call = aCall();
  const starting = start(
    container.needs(() => Promise.resolve()),
    call.ctx,
  );
  await container.asked;
  call.cancel();
  container.release();
  expect(await refusalOf(starting)).toMatch(/^Cancelled/);
});
