import type { Readable } from 'node:stream';
import type { Engine } from '../docker/engine';
import type { Bell } from '../lib/bell';
import type { CallContext } from '../lib/call-context';
import { isNotFound, kindOf, messageOf, ShimError } from '../lib/errors';
import type { Log } from '../lib/log';
import { fromRfc3339 } from '../lib/time';
import type { OutputPosition } from '../store/log-offsets';
import { criLine } from './cri-line';
import { EngineMarks } from './engine-marks';
import { EngineMessages, type EngineMessage } from './engine-messages';
import type { OutputSource } from './output-source';
import type { RenderBuffers } from './render-buffers';

/** The pause before an engine that broke off is asked again, in milliseconds; it doubles each time, up to a minute. */
const ASK_AGAIN_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** More than an entry comes to: Docker cuts lines at 16 KiB, of which each byte may become a replacement of three. */
const LONGEST_LINE = 64 * 1024;

export type LogsEngine = Pick<Engine, 'followLogs' | 'inspectContainer'>;

/** A log that Docker keeps in another way than as json-file, followed through its API. */
export class EngineOutput implements OutputSource {
  finished = false;
  gone = false;
  more = false;
  private readonly controller = new AbortController();
  private marks = new EngineMarks(undefined);
  private messages: EngineMessages;
  private body: Readable | undefined;
  private asking = false;
  private timer: NodeJS.Timeout | undefined;
  private wait = ASK_AGAIN_MS;
  /** The engine has said all that it will ever say. */
  private over = false;
  /** The container has ended: an answer that is asked for from now on has all. */
  private ending = false;

  constructor(
    private readonly engine: LogsEngine,
    private readonly container: { readonly id: string; readonly tty: boolean },
    private readonly bell: Bell,
    private readonly log: Log,
  ) {
    this.messages = new EngineMessages(container.tty);
  }

  get position(): OutputPosition | undefined {
    return this.marks.position;
  }

  seek(position: OutputPosition | undefined): Promise<void> {
    this.body?.destroy();
    this.body = undefined;
    this.finished = false;
    this.over = false;
    this.marks = new EngineMarks(position);
    this.messages = new EngineMessages(this.container.tty);
    return Promise.resolve();
  }

  read({ output, capacity }: RenderBuffers): Promise<number> {
    const idle = this.body === undefined && !this.asking && this.timer === undefined && !this.over;
    if (idle) void this.ask(this.marks);
    let written = 0;
    while (written + LONGEST_LINE < capacity) {
      const message = this.nextMessage();
      if (message === undefined) {
        const chunk = this.body?.read() as Buffer | null | undefined;
        if (!chunk) break;
        this.messages.push(chunk);
        this.wait = ASK_AGAIN_MS;
      } else if (message.stream === 'error') {
        const { id: container } = this.container;
        this.log.warn('docker cannot read a part of a log', { container, error: message.text.trim() });
      } else if (!this.marks.read(fromRfc3339(message.time))) {
        written += output.write(criLine(message.time, message.stream, message.text), written);
      }
    }
    this.more = written + LONGEST_LINE >= capacity;
    this.finished = this.over && written === 0;
    return Promise.resolve(written);
  }

  private nextMessage(): EngineMessage | undefined {
    try {
      return this.messages.next() ?? (this.over ? this.messages.rest() : undefined);
    } catch (error) {
      // Nothing after it can be trusted: the engine is asked again, from the last entry on.
      this.log.warn('docker sent what is no log', { container: this.container.id, error: messageOf(error) });
      this.messages = new EngineMessages(this.container.tty);
      this.body?.destroy(error as Error);
      return undefined;
    }
  }

  rings(): boolean {
    return !this.over;
  }

  behind(): Promise<number> {
    return Promise.resolve(0);
  }

  /** The engine ends its answer when the container has ended; if it did not answer, it is asked at once. */
  end(): void {
    this.ending = true;
    if (this.timer !== undefined) this.askNow();
  }

  close(): Promise<void> {
    clearTimeout(this.timer);
    this.controller.abort(new ShimError('Cancelled', 'the log is not followed any more'));
    this.body?.destroy();
    return Promise.resolve();
  }

  private get ctx(): CallContext {
    return { signal: this.controller.signal, log: this.log };
  }

  private async ask(marks: EngineMarks): Promise<void> {
    this.asking = true;
    const { ending } = this;
    try {
      const body = await this.engine.followLogs(this.ctx, this.container.id, marks.since);
      body.on('readable', () => this.bell.ring());
      body.once('end', () => void this.settle(body, ending));
      body.once('error', (error) => this.askAgain(body, error));
      if (marks === this.marks) this.body = body;
      else body.destroy();
      this.bell.ring();
    } catch (error) {
      if (isNotFound(error)) this.finish('gone');
      else if (ending && isRefusal(error)) this.finish('ended');
      else this.askAgain(undefined, error);
    } finally {
      this.asking = false;
    }
  }

  /** The engine has said all: because the container has ended, or before it has begun. One may end without having begun. */
  private async settle(body: Readable, hadEnded: boolean): Promise<void> {
    try {
      const { State: state } = await this.engine.inspectContainer(this.ctx, this.container.id);
      const isOver = state.Status === 'exited' || state.Status === 'dead';
      if (isOver || (hadEnded && !state.Running)) this.finish('ended');
      else this.askAgain(body, new Error('the container goes on'));
    } catch (error) {
      if (isNotFound(error)) this.finish('gone');
      else this.askAgain(body, error);
    }
  }

  private askAgain(body: Readable | undefined, error: unknown): void {
    if (body !== this.body || this.controller.signal.aborted) return;
    const fields = { container: this.container.id, error: messageOf(error), ms: this.wait };
    if (this.wait === 2 * ASK_AGAIN_MS) this.log.warn('the engine does not give a log, asking again', fields);
    this.timer = setTimeout(() => this.askNow(), this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT_MS);
  }

  private askNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    void this.seek(this.position);
    this.bell.ring();
  }

  private finish(how: 'ended' | 'gone'): void {
    this.over = true;
    this.gone = how === 'gone';
    this.bell.ring();
  }
}

/** The engine will give no log however often it is asked: its driver keeps none, or the container is half removed. */
function isRefusal(error: unknown): boolean {
  const kind = kindOf(error);
  return kind === 'Unimplemented' || kind === 'FailedPrecondition';
}
