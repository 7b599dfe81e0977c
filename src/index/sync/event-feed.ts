import type { Engine } from '../../docker/engine';
import type { EngineEvent } from '../../docker/engine-event';
import { pause, type CallContext } from '../../lib/call-context';
import { kindOf, messageOf, ShimError } from '../../lib/errors';

/** Between two attempts to connect, in milliseconds: the first, and the longest after doubling. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A stream that lasted as long as this, in milliseconds, was a sound one: the next attempt is a first one again. */
const SOUND_MS = 10_000;

export interface EventFeedNeeds {
  readonly engine: Pick<Engine, 'events'>;
  readonly types: readonly string[];
  readonly actions: readonly string[];
  /** From now on nothing is missed. */
  readonly onConnected: () => void;
  readonly onEvent: (event: EngineEvent) => void;
  /** From now on something may be missed. */
  readonly onBroken: () => void;
}

/**
 * Follows Docker's events until the context ends, and connects again, from the last event on, when the stream breaks.
 * Events may come twice. What cannot be read is passed over: Docker would send it again and again. Never throws.
 */
export async function followEvents(needs: EventFeedNeeds, ctx: CallContext): Promise<void> {
  const { engine, types, actions } = needs;
  let since: number | undefined = Math.floor(Date.now() / 1000);
  let wait = FIRST_PAUSE_MS;
  while (!ctx.signal.aborted) {
    let flowsSince = Infinity;
    try {
      const events = await engine.events(ctx, { since, types, actions });
      flowsSince = performance.now();
      needs.onConnected();
      for await (const event of events) {
        since = event.time;
        needs.onEvent(event);
      }
      throw new ShimError('Unavailable', 'docker ended the stream');
    } catch (error) {
      needs.onBroken();
      if (ctx.signal.aborted) return;
      if (kindOf(error) === 'Internal') since = undefined;
      if (performance.now() - flowsSince > SOUND_MS) wait = FIRST_PAUSE_MS;
      // Once in an outage, however long that is.
      const level = wait === FIRST_PAUSE_MS ? 'warn' : 'debug';
      const what = 'no events from docker: until they are back, docker answers what is asked';
      ctx.log[level](what, { error: messageOf(error), again_ms: wait });
    }
    await pause(ctx, wait).catch(() => undefined);
    wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
  }
}
