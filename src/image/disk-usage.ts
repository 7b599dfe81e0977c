import type { Engine } from '../docker/engine';
import type { DiskUsage } from '../docker/types';
import { pause, throwIfEnded, withLimit, withDetached, type CallContext } from '../lib/call-context';
import type { Clock } from '../lib/clock';
import { kindOf, messageOf, type ErrorKind } from '../lib/errors';
import type { Log } from '../lib/log';
import { untilEnded } from '../lib/until-ended';

/** How long a measurement is good for: containers write all the time. */
const FRESH_MS = 60_000;
/** Counting takes at most this part of the time: on a full node Docker counts for seconds. */
const REST_RATIO = 20;
/** How long a caller waits to learn whether images have changed, and for those to be counted. Then it does without. */
const PATIENCE_MS = 1_000;
/** How long Docker may count. Nobody waits that long, but the next caller finds the result. */
const LONGEST_MEASUREMENT_MS = 10 * 60_000;
/** Docker before 23 refuses to count twice at a time, whoever asks: the pause before it is asked again. */
const BUSY_WAIT_MS = 200;
const BUSY = /disk usage operation is already running/;
/** What a count that found a container gone is answered with. */
const COUNT_FAILED: readonly ErrorKind[] = ['Internal', 'NotFound'];

export interface DiskMeasurement {
  /** Bytes of all image layers, each counted once. */
  readonly imageBytes: bigint;
  /** Bytes of all containers' writable layers. */
  readonly containerBytes: bigint;
}

interface Measured extends DiskMeasurement {
  /** The images when it began: any other object means a change. */
  readonly images: object;
  /** When it was done, by the clock of what has passed, and how long it took, in milliseconds. */
  readonly at: number;
  readonly tookMs: number;
}

export interface DiskUsageNeeds {
  readonly engine: Pick<Engine, 'diskUsage'>;
  /** The images of the node; the same object as long as nothing changes. */
  readonly images: { byId(ctx: CallContext): Promise<object> };
  readonly clock: Clock;
}

/** What Docker says of its disk, counted in the background and never twice at a time. Owned by the fs-info verb. */
export class DiskUsageGauge {
  private last: Measured | undefined;
  private running: Promise<Measured> | undefined;

  constructor(private readonly needs: DiskUsageNeeds) {}

  /** Counted within the last minute, and after the last change of images, or else as soon as the budget allows it. */
  async read(ctx: CallContext): Promise<DiskMeasurement> {
    const known = await this.imagesSoon(ctx);
    const last = this.last;
    const images = known ?? last?.images ?? {};
    if (last === undefined) return await untilEnded(ctx, this.begin(ctx.log, images));
    const changed = last.images !== images;
    const age = this.needs.clock.passed() - last.at;
    if ((!changed && age <= FRESH_MS) || age < last.tookMs * REST_RATIO) return last;
    const measuring = this.begin(ctx.log, images);
    return changed ? await this.soon(ctx, measuring, last) : last;
  }

  /** Undefined while Docker can't list them, or is slow to: what it counts does not hang on the list. */
  private async imagesSoon(ctx: CallContext): Promise<object | undefined> {
    try {
      return await withLimit(ctx, PATIENCE_MS, 'listing the images', (patience) => this.needs.images.byId(patience));
    } catch (error) {
      throwIfEnded(ctx);
      if (kindOf(error) === 'Unavailable') throw error;
      return undefined;
    }
  }

  /** What fails is tried again by the next caller. */
  private begin(log: Log, images: object): Promise<Measured> {
    if (this.running !== undefined) return this.running;
    this.running = this.measure(log, images).finally(() => (this.running = undefined));
    this.running.catch((error: unknown) => log.warn("docker's disk is not counted", { error: messageOf(error) }));
    return this.running;
  }

  private async soon(ctx: CallContext, measuring: Promise<Measured>, last: Measured): Promise<Measured> {
    try {
      return await withLimit(ctx, PATIENCE_MS, "measuring Docker's disk", (patience) =>
        untilEnded(patience, measuring),
      );
    } catch {
      throwIfEnded(ctx);
      return last;
    }
  }

  private async measure(log: Log, images: object): Promise<Measured> {
    this.last = await withDetached(log, LONGEST_MEASUREMENT_MS, "measuring Docker's disk", async (ctx) => ({
      ...(await this.count(ctx)),
      images,
    }));
    return this.last;
  }

  /**
   * A container that goes away while it is counted, with its snapshot in containerd, has the whole count fail (moby's
   * `GetContainerLayerSize`), in words that say no more than that it failed: then Docker counts once more.
   */
  private async count(ctx: CallContext): Promise<Omit<Measured, 'images'>> {
    const { clock, engine } = this.needs;
    for (let failures = 0; ;) {
      const from = clock.passed();
      try {
        const bytes = bytesOf(await engine.diskUsage(ctx));
        const at = clock.passed();
        return { ...bytes, at, tookMs: at - from };
      } catch (error) {
        throwIfEnded(ctx);
        if (BUSY.test(messageOf(error))) await pause(ctx, BUSY_WAIT_MS);
        else if (!COUNT_FAILED.includes(kindOf(error)) || ++failures > 1) throw error;
      }
    }
  }
}

function bytesOf(usage: DiskUsage): DiskMeasurement {
  return {
    imageBytes: BigInt(usage.ImageUsage?.TotalSize ?? usage.LayersSize ?? 0),
    containerBytes: (usage.Containers ?? []).reduce((sum, { SizeRw }) => sum + BigInt(SizeRw ?? 0), 0n),
  };
}
