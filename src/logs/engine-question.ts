import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Engine } from '../docker/engine';
import { Bell } from '../lib/bell';
import { isNotFound, kindOf, messageOf, ShimError } from '../lib/errors';
import type { Log } from '../lib/log';

/** The pause before an engine that broke off is asked again, in milliseconds; it doubles each time, up to a minute. */
const ASK_AGAIN_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export type LogsEngine = Pick<Engine, 'followLogs' | 'inspectContainer'>;

/**
 * The conversation with the engine about one container's log: it is asked until it has told all. An answer ends when the
 * container does, before the container has begun, and with the engine.
 *
 *     ┌─────────── goes on: pause ◀──────────┐
 *     ▼                                      │
 *   asked ──▶ answer flows ──▶ container looked at ──▶ over: ended
 *     └───────────── not found ─────────────────────▶ over: gone
 */
export class EngineQuestion {
  /** Why the engine has no more to tell, once it has not. */
  over: 'ended' | 'gone' | undefined;
  private body: Readable | undefined;
  /** The container has ended: an answer that is asked for from now on has all. */
  private ending = false;
  private pauseMs = ASK_AGAIN_MS;
  /** Rings when there is no reason to pause any more. */
  private readonly resume = new Bell();
  private readonly controller = new AbortController();

  /**
   * @param begin is called each time before the engine is asked: the time to ask from, or undefined for everything
   * @param bell rings when there is something to take, and when it is over
   */
  constructor(
    private readonly engine: LogsEngine,
    private readonly container: string,
    private readonly begin: () => string | undefined,
    private readonly bell: Bell,
    private readonly log: Log,
  ) {}

  /** Settles when it is over or stopped; never rejects. To be called once. */
  async run(): Promise<void> {
    while (this.over === undefined && !this.controller.signal.aborted) {
      const { ending } = this;
      try {
        await this.listen();
        if (await this.hasEnded(ending)) this.over = 'ended';
        else await this.pause('the container goes on');
      } catch (error) {
        if (isNotFound(error)) this.over = 'gone';
        else if (ending && isRefusal(error)) this.over = 'ended';
        else await this.pause(messageOf(error));
      }
    }
    this.bell.ring();
  }

  /** The next bytes of the answer; undefined when there are none now. */
  take(): Buffer | undefined {
    const bytes = this.body?.read() as Buffer | null | undefined;
    if (bytes) this.pauseMs = ASK_AGAIN_MS;
    return bytes ?? undefined;
  }

  /** Nothing can be made of this answer: the engine is asked again. */
  breakOff(error: Error): void {
    this.body?.destroy(error);
  }

  /** The engine ends its answer when the container has ended; if it did not answer, it is asked at once. */
  end(): void {
    this.ending = true;
    this.resume.ring();
  }

  stop(): void {
    this.controller.abort(new ShimError('Cancelled', 'the log is not followed any more'));
    this.resume.ring();
  }

  private get ctx() {
    return { signal: this.controller.signal, log: this.log };
  }

  /** Asks, and settles when all of the answer was taken. */
  private async listen(): Promise<void> {
    const body = await this.engine.followLogs(this.ctx, this.container, this.begin());
    try {
      body.on('readable', () => this.bell.ring());
      this.body = body;
      await finished(body, { writable: false, signal: this.controller.signal });
    } finally {
      this.body = undefined;
      body.destroy();
    }
  }

  /** A container whose start failed has ended as well, although Docker calls it created. */
  private async hasEnded(wasTold: boolean): Promise<boolean> {
    const { State: state } = await this.engine.inspectContainer(this.ctx, this.container);
    return state.Status === 'exited' || state.Status === 'dead' || (wasTold && !state.Running);
  }

  private async pause(reason: string): Promise<void> {
    if (this.controller.signal.aborted) return;
    const fields = { container: this.container, error: reason, ms: this.pauseMs };
    if (this.pauseMs === 2 * ASK_AGAIN_MS) this.log.warn('the engine does not give a log, asking again', fields);
    const ms = this.pauseMs;
    this.pauseMs = Math.min(2 * ms, LONGEST_PAUSE_MS);
    await this.resume.wait(ms);
  }
}

/** The engine will give no log however often it is asked: its driver keeps none, or the container is half removed. */
function isRefusal(error: unknown): boolean {
  const kind = kindOf(error);
  return kind === 'Unimplemented' || kind === 'FailedPrecondition';
}
