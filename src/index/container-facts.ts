import type { Engine } from '../docker/engine';
import type { ContainerSummary } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { isNotFound } from '../lib/errors';
import { toNanoseconds } from '../translate/time';

/** What of a container never changes and Docker's list does not tell. */
export interface UnchangingFacts {
  /** Nanoseconds since 1970. */
  readonly createdAt: bigint;
  /** The Docker runtime. */
  readonly runtime: string | undefined;
}

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
  private added = 0;

  constructor(private readonly engine: Pick<Engine, 'inspectContainer' | 'listContainers'>) {}

  /** The facts of the listed containers; those that vanished since the list was made have none. */
  async of(ctx: CallContext, rows: readonly ContainerSummary[]): Promise<ReadonlyMap<string, UnchangingFacts>> {
    const unknown = rows.filter((row) => !this.known.has(row.Id));
    for (let at = 0; at < unknown.length; at += LOOKS_AT_ONCE) {
      await Promise.all(unknown.slice(at, at + LOOKS_AT_ONCE).map((row) => this.look(ctx, row.Id)));
    }
    if (this.added > CLEAN_UP_AFTER) await this.forgetTheGone(ctx);
    return this.known;
  }

  private async look(ctx: CallContext, id: string): Promise<void> {
    try {
      const container = await this.engine.inspectContainer(ctx, id);
      this.known.set(id, { createdAt: toNanoseconds(container.Created), runtime: container.HostConfig.Runtime });
      this.added += 1;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  private async forgetTheGone(ctx: CallContext): Promise<void> {
    // Only of these does the list tell that they are gone: others may come while it is on its way.
    const before = [...this.known.keys()];
    const there = new Set((await this.engine.listContainers(ctx, { labels: [] })).map((row) => row.Id));
    for (const id of before) if (!there.has(id)) this.known.delete(id);
    this.added = 0;
  }
}
