import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** Docker's HTTP API with nothing between: what the shim is compared with. */
export class BareEngine {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(readonly socket: string) {}

  /**
   * Sends a request and answers the parsed JSON; undefined for an empty answer.
   * @param path with its query, without a version
   * @param body JSON as text
   * @throws Error with Docker's refusal
   */
  async call(method: string, path: string, body = ''): Promise<unknown> {
    const { status, answer } = await this.send(method, path, body);
    if (status >= 400) throw new Error(`${method} ${path}: docker answered ${status}: ${answer}`);
    return /^[{[]/.test(answer) ? JSON.parse(answer) : undefined;
  }

  close(): void {
    this.agent.destroy();
  }

  private send(method: string, path: string, body: string): Promise<{ status: number; answer: string }> {
    return new Promise((resolve, reject) => {
      const headers = { host: 'docker', 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const outgoing = request({ socketPath: this.socket, agent: this.agent, method, path, headers }, (incoming) => {
        text(incoming)
          .then((answer) => resolve({ status: incoming.statusCode ?? 0, answer }))
          .catch(reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}
