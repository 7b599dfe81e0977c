import type { ContainerEventResponse } from '../../../generated/runtime/v1/api';
import type { CallContext } from '../../lib/call-context';
import { ShimError } from '../../lib/errors';

/** How many events wait for a reader. The kubelet reads one in less than a millisecond. */
const LONGEST_QUEUE = 1000;
/** How long events are kept for a reader that has left and may come back, in milliseconds. */
const KEPT_MS = 60_000;

interface Queue {
  readonly events: ContainerEventResponse[];
  /** Why no more comes after these. */
  end: ShimError | undefined;
  /** Called when there is something to read. */
  wake: () => void;
}

/**
 * Hands events to those who read them, in order. A reader that is too slow is told that it has missed some, by the end
 * of its stream. What the last reader has not taken, and what happens in the minute after it left, is for the next one:
 * the interface has no other way to go on where a broken stream ended. So an event may come twice.
 */
export class EventHub {
  private readonly readers = new Set<Queue>();
  /** For the next reader, while there is none. */
  private kept: Queue | undefined;
  private forget: NodeJS.Timeout | undefined;
  private closed: ShimError | undefined;

  /** Whether anybody reads, or may come back: else there is no need to publish. */
  get wanted(): boolean {
    return this.readers.size > 0 || this.kept !== undefined;
  }

  publish(event: ContainerEventResponse): void {
    for (const queue of this.queues()) {
      if (queue.events.length < LONGEST_QUEUE) add(queue, event);
      else end(queue, missed(`${LONGEST_QUEUE} events were not read in time`));
    }
  }

  /** Some events cannot be told: readers learn that they have missed them. */
  miss(why: string): void {
    for (const queue of this.queues()) end(queue, missed(why));
  }

  /** Ends every stream; there are no more. */
  close(): void {
    this.closed = new ShimError('Unavailable', 'the shim is stopping');
    for (const queue of this.queues()) end(queue, this.closed);
    clearTimeout(this.forget);
  }

  /**
   * The events from now on, or from where the last reader ended.
   * @throws ShimError ResourceExhausted when events were missed, Unavailable when the shim stops, the context's reason
   */
  async *read(ctx: CallContext): AsyncGenerator<ContainerEventResponse> {
    const queue = this.join();
    const leave = (): void => queue.wake();
    ctx.signal.addEventListener('abort', leave, { once: true });
    try {
      while (!ctx.signal.aborted) {
        const [event] = queue.events;
        if (event !== undefined) {
          yield event;
          // A reader has taken an event only when it asks for the next one.
          queue.events.shift();
        } else if (queue.end !== undefined) throw queue.end;
        else await new Promise<void>((resolve) => (queue.wake = resolve));
      }
      throw ctx.signal.reason;
    } finally {
      ctx.signal.removeEventListener('abort', leave);
      this.leave(queue);
    }
  }

  private queues(): Queue[] {
    return this.kept === undefined ? [...this.readers] : [...this.readers, this.kept];
  }

  private join(): Queue {
    clearTimeout(this.forget);
    const queue = this.kept ?? { events: [], end: this.closed, wake: () => undefined };
    this.kept = undefined;
    this.readers.add(queue);
    return queue;
  }

  private leave(queue: Queue): void {
    this.readers.delete(queue);
    // A reader whose stream was ended has nothing to come back for.
    if (this.readers.size > 0 || queue.end !== undefined) return;
    this.kept = queue;
    this.forget = setTimeout(() => (this.kept = undefined), KEPT_MS).unref();
  }
}

function add(queue: Queue, event: ContainerEventResponse): void {
  if (queue.end !== undefined) return;
  queue.events.push(event);
  queue.wake();
}

function end(queue: Queue, why: ShimError): void {
  queue.end ??= why;
  queue.wake();
}

function missed(why: string): ShimError {
  return new ShimError('ResourceExhausted', `events were missed: ${why}; list the pods and containers, and read again`);
}
