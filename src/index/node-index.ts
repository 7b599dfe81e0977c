import type { Engine } from '../docker/engine';
import type { EngineEvent } from '../docker/engine-event';
import { background, pause, type Background, type CallContext } from '../lib/call-context';
import { messageOf } from '../lib/errors';
import type { Log } from '../lib/log';
import { ContainerIndex, type ContainerIndexNeeds } from './container-index';
import { EventHub } from './cri-events/event-hub';
import { PodEvents } from './cri-events/pod-events';
import { IMAGE_ACTIONS, ImageIndex } from './image-index';
import { PodsInMaking } from './pods-in-making';
import { ShownStatuses, type ShownStatusesNeeds } from './shown-statuses';
import { CONTAINER_ACTIONS } from './sync/container-event';
import { followEvents } from './sync/event-feed';

/** Between two looks at what no event may tell of, and how many of them are between two checks. */
const LOOK_AGAIN_MS = 10_000;
const LOOKS_PER_CHECK = 12;

export interface NodeIndexNeeds extends Omit<ContainerIndexNeeds, 'engine'>, Omit<ShownStatusesNeeds, 'images'> {
  readonly engine: Pick<Engine, 'events' | 'listContainers' | 'inspectContainer' | 'listImages' | 'inspectImage'>;
  readonly log: Log;
}

/**
 * The node in memory, kept in step with Docker by one stream of its events, and a comparison every two minutes.
 * Nothing is asked before `start`, except by who reads.
 */
export class NodeIndex {
  readonly containers: ContainerIndex;
  readonly images: ImageIndex;
  readonly statuses: ShownStatuses;
  readonly hub = new EventHub();
  readonly podEvents: PodEvents;
  readonly podsInMaking = new PodsInMaking();
  private readonly background: Background;

  constructor(private readonly needs: NodeIndexNeeds) {
    const { engine, log } = needs;
    this.background = background(log.with({ work: 'index' }));
    this.images = new ImageIndex(engine, log);
    this.statuses = new ShownStatuses({ ...needs, images: this.images });
    this.containers = new ContainerIndex({
      ...needs,
      onChange: (before, after) => {
        this.podsInMaking.onChange(before, after);
        this.podEvents.onChange(before, after);
        needs.onChange(before, after);
      },
    });
    this.podEvents = new PodEvents({
      hub: this.hub,
      podOf: (sandboxId) => this.containers.podNow(sandboxId),
      statuses: this.statuses,
      podsInMaking: this.podsInMaking,
      log,
    });
  }

  start(): void {
    void this.follow(this.background);
    void this.keepChecking(this.background);
  }

  /** Also ends the streams of those who read events. */
  stop(): void {
    this.background.stop();
    this.hub.close();
  }

  private async follow(ctx: CallContext): Promise<void> {
    const { containers, images } = this;
    await followEvents(
      {
        engine: this.needs.engine,
        types: ['container', 'image'],
        actions: [...new Set([...CONTAINER_ACTIONS, ...IMAGE_ACTIONS])],
        onConnected() {
          void containers.onEventsFlow(ctx);
          void images.onEventsFlow(ctx);
        },
        onEvent(event: EngineEvent) {
          containers.onEvent(event);
          images.onEvent(event);
        },
        onBroken() {
          containers.onEventsBreak();
          images.onEventsBreak();
        },
      },
      ctx,
    );
  }

  private async keepChecking(ctx: CallContext): Promise<void> {
    for (let turn = 1; !ctx.signal.aborted; turn += 1) {
      await pause(ctx, LOOK_AGAIN_MS).catch(() => undefined);
      if (ctx.signal.aborted) return;
      this.containers.lookAgain();
      this.images.lookAgain();
      if (turn % LOOKS_PER_CHECK === 0) await this.check(ctx);
    }
  }

  private async check({ log }: CallContext): Promise<void> {
    try {
      await Promise.all([this.containers.check(), this.images.check()]);
    } catch (error) {
      log.warn('the index could not be compared with docker', { error: messageOf(error) });
    }
  }
}
