import type { ContainerInspect, ContainerSummary } from '../../../src/docker/types';
import { ContainerFacts } from '../../../src/index/container-facts';
import { ShimError } from '../../../src/lib/errors';
import { aCall } from '../../support/a-call';

/** An engine with containers that are known by their ids alone. */
class FakeEngine {
  readonly containers = new Set<string>();
  readonly inspected: string[] = [];
  readonly atOnce = { now: 0, most: 0 };
  /** Resolves the listing under way. */
  listing: Promise<void> = Promise.resolve();
  failure: Error | undefined;

  async inspectContainer(_ctx: unknown, id: string): Promise<ContainerInspect> {
    this.inspected.push(id);
    this.atOnce.now += 1;
    this.atOnce.most = Math.max(this.atOnce.most, this.atOnce.now);
    await new Promise((resolve) => setImmediate(resolve));
    this.atOnce.now -= 1;
    if (this.failure) throw this.failure;
    if (!this.containers.has(id)) throw new ShimError('NotFound', `no ${id}`);
    return {
      Created: '1970-01-01T00:00:01.000000005Z',
      HostConfig: { Runtime: 'kata' },
    } as unknown as ContainerInspect;
  }

  async listContainers(): Promise<ContainerSummary[]> {
    const rows = this.rows();
    await this.listing;
    return rows;
  }

  rows(): ContainerSummary[] {
    return [...this.containers].map((Id) => ({ Id }) as ContainerSummary);
  }

  add(count: number, prefix: string): ContainerSummary[] {
    const ids = Array.from({ length: count }, (_, at) => `${prefix}${at}`);
    ids.forEach((id) => this.containers.add(id));
    return ids.map((Id) => ({ Id }) as ContainerSummary);
  }
}

it('looks at each container once', async () => {
  const engine = new FakeEngine();
  const facts = new ContainerFacts(engine);
  const { ctx } = aCall();
  const rows = engine.add(2, 'a');
  for (let round = 0; round < 3; round += 1) {
    const known = await facts.of(ctx, rows);
    expect(known.get('a1')).toEqual({ createdAt: 1_000_000_005n, runtime: 'kata' });
  }
  expect(engine.inspected).toEqual(['a0', 'a1']);
});

it('looks at eight side by side, and no more', async () => {
  const engine = new FakeEngine();
  await new ContainerFacts(engine).of(aCall().ctx, engine.add(20, 'a'));
  expect(engine.atOnce.most).toBe(8);
  expect(engine.inspected).toHaveLength(20);
});

it('has no facts of one that vanished, and looks again should it come back', async () => {
  const engine = new FakeEngine();
  const facts = new ContainerFacts(engine);
  const rows = engine.add(1, 'a');
  engine.containers.clear();
  expect((await facts.of(aCall().ctx, rows)).get('a0')).toBeUndefined();
  engine.add(1, 'a');
  expect((await facts.of(aCall().ctx, rows)).get('a0')).toBeDefined();
});

it('goes by the list for a container that the engine can not tell of, and leaves it alone for a while', async () => {
  const engine = new FakeEngine();
  const facts = new ContainerFacts(engine);
  const rows = engine.add(1, 'a').map((row) => ({ ...row, Created: 7 }));
  engine.failure = new ShimError('Internal', 'RWLayer is unexpectedly nil');
  const listed = { createdAt: 7_000_000_000n, runtime: undefined };
  expect([...(await facts.of(aCall().ctx, rows)).values()]).toEqual([listed]);
  engine.failure = undefined;
  expect([...(await facts.of(aCall().ctx, rows)).values()]).toEqual([listed]);
});

it('forgets the gone, sooner or later', async () => {
  const engine = new FakeEngine();
  const facts = new ContainerFacts(engine);
  const { ctx } = aCall();
  await facts.of(ctx, engine.add(1000, 'old'));
  engine.containers.clear();
  const known = await facts.of(ctx, engine.add(25, 'new'));
  expect([...known.keys()].every((id) => id.startsWith('new'))).toBe(true);
  expect(known.size).toBe(25);
});

it('does not forget one that came while it asked who is still there', async () => {
  const engine = new FakeEngine();
  const facts = new ContainerFacts(engine);
  const { ctx } = aCall();
  let answer!: () => void;
  engine.listing = new Promise<void>((resolve) => (answer = resolve));
  const cleaning = facts.of(ctx, engine.add(1025, 'old'));
  // Until it has looked at all of them, and waits for the list.
  while (engine.inspected.length < 1025 || engine.atOnce.now > 0) await new Promise((resolve) => setImmediate(resolve));
  const looking = facts.of(ctx, engine.add(1, 'young'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  answer();
  await cleaning;
  expect((await looking).get('young0')).toBeDefined();
});
