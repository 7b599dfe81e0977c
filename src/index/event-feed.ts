import type { Engine } from '../docker/engine';
import type { EngineEvent } from '../docker/engine-event';
import { pause, type CallContext } from '../lib/call-context';
import { messageOf } from '../lib/errors';

/** Between two attempts to connect, in milliseconds: the first, and the longest after doubling. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

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
 * Events may come twice. Never throws.
 */
export async function followEvents(needs: EventFeedNeeds, ctx: CallContext): Promise<void> {
  const { engine, types, actions } = needs;
  let since = Math.floor(Date.now() / 1000);
  let wait = FIRST_PAUSE_MS;
  while (!ctx.signal.aborted) {
    try {
      const events = await engine.events(ctx, { since, types, actions });
      wait = FIRST_PAUSE_MS;
      needs.onConnected();
      for await (const event of events) {
        since = event.time;
        needs.onEvent(event);
      }
      throw new Error('docker ended the stream');
    } catch (error) {
      needs.onBroken();
      if (ctx.signal.aborted) return;
      ctx.log.warn('no events from docker: until they are back, docker answers what is asked', {
        error: messageOf(error),
        again_ms: wait,
      });
    }
    await pause(ctx, wait).catch(() => undefined);
    wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
  }
}
