import { Agent, request } from 'node:http';

/** Docker's HTTP API with nothing between: what the shim is compared with. */
export class BareEngine {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(readonly socket: string) {}

  /**
   * Sends a request and answers the parsed JSON; undefined for an empty answer.
   * @param path with its query, without a version
   * @param body JSON as text, or an archive
   * @throws Error with Docker's refusal
   */
  async call(method: string, path: string, body?: string | Buffer): Promise<unknown> {
    const { status, text } = await this.send(method, path, body);
    if (status >= 400) throw new Error(`${method} ${path}: docker answered ${status}: ${text}`);
    return text.startsWith('{') || text.startsWith('[') ? firstJson(text) : undefined;
  }

  close(): void {
    this.agent.destroy();
  }

  private send(method: string, path: string, body?: string | Buffer): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const headers = {
        host: 'docker',
        ...(body !== undefined && {
          'content-type': typeof body === 'string' ? 'application/json' : 'application/x-tar',
          'content-length': Buffer.byteLength(body),
        }),
      };
      const outgoing = request({ socketPath: this.socket, agent: this.agent, method, path, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

/** Progress comes as several lines of JSON, all else as one. */
function firstJson(text: string): unknown {
  const [first = ''] = text.trim().split(/\r?\n(?=\{)/);
  return JSON.parse(first) as unknown;
}
