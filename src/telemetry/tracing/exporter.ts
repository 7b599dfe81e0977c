import { request } from 'node:http';
import { withDetached } from '../../lib/call-context';
import type { Log } from '../../lib/log';
import { exportRequest } from './otlp';
import type { Attributes, EndedSpan } from './span';

const MOST_WAITING = 2048;
const BATCH = 512;
const COLLECTED_FOR_MS = 5_000;
const ANSWER_TIMEOUT_MS = 5_000;
/** How long all that waits at the end may take. */
const STOP_TIMEOUT_MS = 5_000;

export interface ExporterOptions {
  /** Such as `http://127.0.0.1:4318`; spans go to its /v1/traces. */
  readonly endpoint: string;
  readonly resource: Attributes;
  readonly log: Log;
}

/**
 * Sends spans to an OpenTelemetry collector, in batches. A collector that is slow or away costs spans and a line in the
 * log, never memory or a call's time.
 */
export class SpanExporter {
  private waiting: EndedSpan[] = [];
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> = Promise.resolve();
  private lost = 0;
  private failing = false;
  /** As performance.now() has it. */
  private endsAt = Infinity;

  constructor(private readonly options: ExporterOptions) {}

  /** Spans that no collector took, since the start. */
  get dropped(): number {
    return this.lost;
  }

  add(span: EndedSpan): void {
    if (this.waiting.length >= MOST_WAITING) {
      this.lost += 1;
      return;
    }
    this.waiting.push(span);
    this.timer ??= setTimeout(() => this.flush(), COLLECTED_FOR_MS).unref();
  }

  /** Sends what waits, and resolves when that has been taken or given up, in five seconds at most. */
  async stop(): Promise<void> {
    this.endsAt = performance.now() + STOP_TIMEOUT_MS;
    this.flush();
    await this.sending;
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.sending = this.sending.then(() => this.sendAll());
  }

  private async sendAll(): Promise<void> {
    const spans = this.waiting;
    this.waiting = [];
    for (let start = 0; start < spans.length; start += BATCH) await this.send(spans.slice(start, start + BATCH));
  }

  /** Never rejects. A failure is logged once, until sending succeeds again. */
  private async send(spans: readonly EndedSpan[]): Promise<void> {
    const { endpoint, resource, log } = this.options;
    const ms = Math.min(ANSWER_TIMEOUT_MS, Math.ceil(this.endsAt - performance.now()));
    try {
      if (ms <= 0) throw new Error('the shim ends');
      await withDetached(log, ms, 'an answer', ({ signal }) =>
        post(new URL('/v1/traces', endpoint), exportRequest(spans, resource), signal),
      );
      this.failing = false;
    } catch (error) {
      this.lost += spans.length;
      if (!this.failing) log.warn('the collector takes no traces', { endpoint, error: String(error) });
      this.failing = true;
    }
  }
}

function post(url: URL, body: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const outgoing = request(url, { method: 'POST', headers, signal }, (answer) => {
      const { statusCode } = answer;
      // To its end: until then it has a connection of its own.
      answer.resume().on('end', () => {
        if (statusCode === 200) resolve();
        else reject(new Error(`it answered ${statusCode}`));
      });
      answer.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
