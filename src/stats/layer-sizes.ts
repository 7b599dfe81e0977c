import { throwIfEnded, withLimit, type CallContext } from '../lib/call-context';
import type { Clock } from '../lib/clock';
import { messageOf, ShimError } from '../lib/errors';
import type { Log } from '../lib/log';
import { Remembered } from '../lib/remembered';
import { untilEnded } from '../lib/until-ended';
import { walkTree, type TreeSize, type WalkBudget } from './layer-walk';

export interface LayerSize extends TreeSize {
  /** When it was measured, in milliseconds since 1970. */
  readonly at: number;
}

interface Measured {
  /** Undefined for a layer that could never be read. */
  readonly size: LayerSize | undefined;
  /** Until when it is good, by the clock of what has passed. */
  readonly goodUntil: number;
}

/** How long a measurement is good for at least, in milliseconds, */
const FRESH_MS = 60_000;
/** and how many times as long as it took, when that is more: so a large layer is not walked all the time. */
const REST_RATIO = 20;
/** How long a caller waits for layers that were never measured: most are small. */
const FIRST_ANSWER_MS = 100;
/** At most about 20 000 files a second. */
const BUDGET: WalkBudget = { filesInARow: 512, restMs: 20 };

/** Sizes of writable layers out of memory, measured again in the background, one layer at a time. */
export class LayerSizes {
  private readonly measured = new Remembered<Measured>();
  /** Layers to measure, by container. */
  private readonly waiting = new Map<string, string>();
  private walking: Promise<void> | undefined;
  private readonly ending = new AbortController();

  constructor(private readonly clock: Clock) {}

  /**
   * The sizes of these layers, by container. One that was never measured and takes long, or can't be read, has none.
   * @param directories of the layers, by container.
   */
  async of(ctx: CallContext, directories: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, LayerSize>> {
    let isNew = false;
    for (const [id, directory] of directories) {
      if (this.isGood(id)) continue;
      isNew ||= this.measured.get(id) === undefined;
      this.waiting.set(id, directory);
    }
    if (this.waiting.size > 0) this.walking ??= this.walkAll(ctx.log).finally(() => (this.walking = undefined));
    if (isNew && this.walking !== undefined) await this.waitALittle(ctx, this.walking);
    const sizes = new Map<string, LayerSize>();
    for (const id of directories.keys()) {
      const size = this.measured.get(id)?.size;
      if (size !== undefined) sizes.set(id, size);
    }
    return sizes;
  }

  keepOnly(ids: ReadonlySet<string>): void {
    this.measured.keepOnly(ids);
    for (const id of this.waiting.keys()) if (!ids.has(id)) this.waiting.delete(id);
  }

  /** Ends the walk that is under way; there will be no other. */
  stop(): void {
    this.ending.abort(new ShimError('Cancelled', 'the shim is stopping'));
  }

  private async walkAll(log: Log): Promise<void> {
    const ctx = { signal: this.ending.signal, log };
    for (const [id, directory] of this.waiting) {
      this.waiting.delete(id);
      // It may have been asked for again while it was walked.
      if (ctx.signal.aborted || this.isGood(id)) continue;
      const from = this.clock.passed();
      const size = await this.measure(ctx, id, directory);
      const done = this.clock.passed();
      const goodUntil = done + Math.max(FRESH_MS, (done - from) * REST_RATIO);
      this.measured.set(id, { size: size ?? this.measured.get(id)?.size, goodUntil });
    }
  }

  /** Undefined when it can't be read. */
  private async measure(ctx: CallContext, id: string, directory: string): Promise<LayerSize | undefined> {
    try {
      return { ...(await walkTree(ctx, directory, BUDGET)), at: this.clock.now() };
    } catch (error) {
      ctx.log.debug('a writable layer was not measured', { container: id, directory, error: messageOf(error) });
      return undefined;
    }
  }

  private isGood(id: string): boolean {
    const last = this.measured.get(id);
    return last !== undefined && this.clock.passed() < last.goodUntil;
  }

  private async waitALittle(ctx: CallContext, work: Promise<void>): Promise<void> {
    try {
      await withLimit(ctx, FIRST_ANSWER_MS, 'measuring writable layers', (soon) => untilEnded(soon, work));
    } catch {
      throwIfEnded(ctx);
    }
  }
}
