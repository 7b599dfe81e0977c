import type { Engine } from '../docker/engine';
import type { EngineEvent } from '../docker/engine-event';
import { pause, type CallContext } from '../lib/call-context';
import { messageOf, ShimError } from '../lib/errors';
import type { Log } from '../lib/log';
import { CONTAINER_ACTIONS } from './container-event';
import { followEvents } from './event-feed';
import { IMAGE_ACTIONS } from './image-index';

/** Between two looks at what Docker could not tell of, and how many of them are between two checks. */
const LOOK_AGAIN_MS = 20_000;
const LOOKS_PER_CHECK = 6;

/** A part of the index. None of its methods throws, but for `check`. */
export interface Indexed {
  onEvent(event: EngineEvent): void;
  onEventsFlow(ctx: CallContext): Promise<void>;
  onEventsBreak(): void;
  lookAgain(): void;
  /** Finds what events have not told. */
  check(): Promise<void>;
}

/** Keeps the parts of the index in step with Docker: one stream of its events, and a comparison every two minutes. */
export class NodeIndex {
  private readonly controller = new AbortController();

  constructor(
    private readonly engine: Pick<Engine, 'events'>,
    private readonly parts: readonly Indexed[],
    private readonly log: Log,
  ) {}

  start(): void {
    const ctx: CallContext = { signal: this.controller.signal, log: this.log.with({ work: 'index' }) };
    void this.follow(ctx);
    void this.keepChecking(ctx);
  }

  stop(): void {
    this.controller.abort(new ShimError('Cancelled', 'the shim is stopping'));
  }

  private async follow(ctx: CallContext): Promise<void> {
    await followEvents(
      {
        engine: this.engine,
        types: ['container', 'image'],
        actions: [...new Set([...CONTAINER_ACTIONS, ...IMAGE_ACTIONS])],
        onConnected: () => void Promise.all(this.parts.map((part) => part.onEventsFlow(ctx))),
        onEvent: (event) => this.parts.forEach((part) => part.onEvent(event)),
        onBroken: () => this.parts.forEach((part) => part.onEventsBreak()),
      },
      ctx,
    );
  }

  private async keepChecking(ctx: CallContext): Promise<void> {
    for (let turn = 1; !ctx.signal.aborted; turn += 1) {
      await pause(ctx, LOOK_AGAIN_MS).catch(() => undefined);
      if (ctx.signal.aborted) return;
      for (const part of this.parts) {
        part.lookAgain();
        if (turn % LOOKS_PER_CHECK === 0) await part.check().catch((error: unknown) => tell(ctx, error));
      }
    }
  }
}

function tell({ log }: CallContext, error: unknown): void {
  log.warn('the index could not be compared with docker', { error: messageOf(error) });
}
