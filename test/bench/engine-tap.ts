import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

/** A call that went through the tap. */
export interface TappedCall {
  readonly method: string;
  /** With its query, without a version. */
  readonly path: string;
  readonly body: string;
  /** When the request had come, in milliseconds of this process. */
  readonly began: number;
  /** Milliseconds from then to the answer's end. */
  readonly ms: number;
}

/** A socket that hands every call on to the engine and notes it. Exec and attach don't pass. */
export class EngineTap {
  private readonly calls: TappedCall[] = [];
  private readonly server = createServer((incoming, answer) => void this.pass(incoming, answer));

  constructor(
    readonly socket: string,
    private readonly engineSocket: string,
  ) {}

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.socket, resolve);
    });
  }

  /** The calls since the last time. */
  take(): TappedCall[] {
    return this.calls.splice(0);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** The answer is handed on as it comes: that of the engine's events has no end. */
  private async pass(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    try {
      const { method = '', url = '', headers } = incoming;
      const body = await buffer(incoming);
      const began = performance.now();
      const passed = await this.ask(method, url, headers, body);
      const type = passed.headers['content-type'];
      answer.writeHead(passed.statusCode ?? 502, type === undefined ? {} : { 'content-type': type });
      answer.flushHeaders();
      // When either side ends early, so does the other.
      await pipeline(passed, answer);
      const path = url.replace(/^\/v[\d.]+/, '');
      this.calls.push({ method, path, body: body.toString('utf8'), began, ms: performance.now() - began });
    } catch {
      answer.destroy();
    }
  }

  private ask(
    method: string,
    path: string,
    headers: IncomingMessage['headers'],
    body: Buffer,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request({ socketPath: this.engineSocket, method, path, headers }, resolve);
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}
