import type { Engine } from '../docker/engine';
import type { ContainerSummary } from '../docker/types';
import { within, type CallContext } from '../lib/call-context';
import { isNotFound, messageOf } from '../lib/errors';
import { toNanoseconds } from '../translate/time';

/** What of a container never changes and Docker's list does not tell. */
export interface UnchangingFacts {
  /** Nanoseconds since 1970. */
  readonly createdAt: bigint;
  /** The Docker runtime. */
  readonly runtime: string | undefined;
}

/** A container whose look takes longer is listed with what Docker's list says of it, and left alone for a while. */
const LOOK_TIMEOUT_MS = 2_000;
const LOOK_AGAIN_MS = 60_000;
/** How many containers that are new to the shim are looked at side by side. */
const LOOKS_AT_ONCE = 8;
/** Between two clean-ups the memory holds at most this many containers that are gone. */
const CLEAN_UP_AFTER = 1024;

/**
 * Looks at each container once and remembers what can't change. Docker's list has whole seconds, by which clients can't
 * tell which of two containers is the newer; only its inspect has nanoseconds.
 */
export class ContainerFacts {
  private readonly known = new Map<string, UnchangingFacts>();
  /** Those that could not be looked at, until when they are left alone. */
  private readonly silent = new Map<string, number>();
  private added = 0;

  constructor(private readonly engine: Pick<Engine, 'inspectContainer' | 'listContainers'>) {}

  /**
   * The facts of the listed containers; those that vanished since the list was made have none. One that Docker can not
   * tell of, or takes too long to, holds up nobody and fails nothing: it has the second of its creation.
   */
  async of(ctx: CallContext, rows: readonly ContainerSummary[]): Promise<ReadonlyMap<string, UnchangingFacts>> {
    const now = performance.now();
    const unknown = rows.filter((row) => !this.known.has(row.Id) && (this.silent.get(row.Id) ?? 0) <= now);
    for (let at = 0; at < unknown.length; at += LOOKS_AT_ONCE) {
      await Promise.all(unknown.slice(at, at + LOOKS_AT_ONCE).map((row) => this.look(ctx, row.Id)));
    }
    if (this.added > CLEAN_UP_AFTER) await this.forgetTheGone(ctx);
    if (this.silent.size === 0) return this.known;
    const silent = rows.filter((row) => this.silent.has(row.Id) && !this.known.has(row.Id));
    return new Map([...this.known, ...silent.map((row) => [row.Id, listedFacts(row)] as const)]);
  }

  private async look(ctx: CallContext, id: string): Promise<void> {
    const bounded = within(ctx, LOOK_TIMEOUT_MS, `the inspect of container ${id}`);
    try {
      const container = await this.engine.inspectContainer(bounded, id);
      this.known.set(id, { createdAt: toNanoseconds(container.Created), runtime: container.HostConfig.Runtime });
      this.silent.delete(id);
      this.added += 1;
    } catch (error) {
      if (ctx.signal.aborted) throw ctx.signal.reason;
      if (isNotFound(error)) return;
      ctx.log.warn('a container can not be looked at', { container: id, error: messageOf(error) });
      this.silent.set(id, performance.now() + LOOK_AGAIN_MS);
      this.added += 1;
    } finally {
      bounded.dispose();
    }
  }

  private async forgetTheGone(ctx: CallContext): Promise<void> {
    // Only of these does the list tell that they are gone: others may come while it is on its way.
    const before = [...this.known.keys(), ...this.silent.keys()];
    const there = new Set((await this.engine.listContainers(ctx, { labels: [] })).map((row) => row.Id));
    for (const id of before.filter((gone) => !there.has(gone))) {
      this.known.delete(id);
      this.silent.delete(id);
    }
    this.added = 0;
  }
}

function listedFacts(row: ContainerSummary): UnchangingFacts {
  return { createdAt: BigInt(row.Created) * 1_000_000_000n, runtime: undefined };
}
