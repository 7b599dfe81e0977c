import type { Bell } from '../lib/bell';
import { messageOf } from '../lib/errors';
import type { Log } from '../lib/log';
import type { OutputPosition } from '../store/log-offsets';
import { criLine } from './cri-line';
import { EngineMarks } from './engine-marks';
import { EngineMessages, type EngineMessage } from './engine-messages';
import { EngineQuestion, type LogsEngine } from './engine-question';
import type { OutputSource } from './output-source';
import type { RenderBuffers } from './render-buffers';

/**
 * A log that Docker keeps in another way than as json-file, followed through its API.
 *
 *   EngineQuestion ──bytes──▶ EngineMessages ──entries──▶ EngineMarks ──those not read before──▶ CRI lines
 */
export class EngineOutput implements OutputSource {
  finished = false;
  private marks = new EngineMarks(undefined);
  private messages: EngineMessages;
  private question: EngineQuestion;
  /** An entry that did not fit in the buffer after others. */
  private held: EngineMessage | undefined;
  private ending = false;

  constructor(
    private readonly engine: LogsEngine,
    private readonly container: { readonly id: string; readonly tty: boolean },
    private readonly bell: Bell,
    private readonly log: Log,
  ) {
    this.messages = new EngineMessages(container.tty);
    this.question = this.newQuestion();
  }

  get position(): OutputPosition | undefined {
    return this.marks.position;
  }

  get more(): boolean {
    return this.held !== undefined;
  }

  get gone(): boolean {
    return this.question.over === 'gone';
  }

  seek(position: OutputPosition | undefined): Promise<void> {
    this.question.stop();
    this.finished = false;
    this.marks = new EngineMarks(position);
    this.question = this.newQuestion();
    if (this.ending) this.question.end();
    void this.question.run();
    return Promise.resolve();
  }

  read({ output }: RenderBuffers): Promise<number> {
    let written = 0;
    for (let entry = this.nextEntry(); entry !== undefined; entry = this.nextEntry()) {
      if (entry.stream === 'error') {
        this.warn('docker cannot read a part of a log', entry.text.trim());
        continue;
      }
      const line = criLine(entry.time, entry.stream, entry.text);
      // The longest entry fits in the buffer when it is the only one.
      if (written > 0 && written + line.length > output.length) {
        this.held = entry;
        break;
      }
      if (!this.marks.read(entry.at)) written += output.write(line, written, 'latin1');
    }
    this.finished = this.question.over !== undefined && written === 0;
    return Promise.resolve(written);
  }

  rings(): boolean {
    return this.question.over === undefined;
  }

  behind(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  end(): void {
    this.ending = true;
    this.question.end();
  }

  close(): Promise<void> {
    this.question.stop();
    return Promise.resolve();
  }

  private newQuestion(): EngineQuestion {
    return new EngineQuestion(this.engine, this.container.id, () => this.begin(), this.bell, this.log);
  }

  /** The next answer begins before what was told and not read, and with some of what was read. */
  private begin(): string | undefined {
    this.marks = new EngineMarks(this.marks.position);
    this.messages = new EngineMessages(this.container.tty);
    this.held = undefined;
    return this.marks.since;
  }

  private nextEntry(): EngineMessage | undefined {
    const { held } = this;
    this.held = undefined;
    if (held !== undefined) return held;
    try {
      for (;;) {
        const entry = this.messages.next();
        if (entry !== undefined) return entry;
        const bytes = this.question.take();
        if (bytes === undefined) return this.question.over === undefined ? undefined : this.messages.rest();
        this.messages.push(bytes);
      }
    } catch (error) {
      // Nothing after it can be trusted: the engine is asked again, from the last entry on.
      this.warn('docker sent what is no log', messageOf(error));
      this.messages = new EngineMessages(this.container.tty);
      this.question.breakOff(error as Error);
      return undefined;
    }
  }

  private warn(what: string, error: string): void {
    this.log.warn(what, { container: this.container.id, error });
  }
}
