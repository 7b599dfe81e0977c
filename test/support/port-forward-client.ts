import { once } from 'node:events';
import { askForSpdy } from './remote-command-client';
import { SpdyClient } from './spdy-client';
import { WebSocketTunnel } from './web-socket-tunnel';

const PART = 32 * 1024;

/** A client of port-forward over SPDY, as Go's is: for each connection an error stream and a data stream. */
export class PortForwardClient {
  private requests = 0;

  private constructor(readonly spdy: SpdyClient) {
    // Each connection may wait for something of its own.
    spdy.socket.setMaxListeners(0);
  }

  static async connect(url: string): Promise<PortForwardClient> {
    const { socket, head, text } = await askForSpdy(url, ['portforward.k8s.io']);
    if (socket === undefined) throw new Error(`the server refused SPDY: ${text}`);
    if (head !== undefined && head.length > 0) socket.unshift(head);
    return new PortForwardClient(new SpdyClient(socket));
  }

  /** SPDY in WebSocket. */
  static async tunnel(url: string): Promise<PortForwardClient> {
    return new PortForwardClient(new SpdyClient(await WebSocketTunnel.connect(url)));
  }

  /** A new connection to the port. The server has accepted its streams, and may be connecting. */
  async open(port: number): Promise<Forwarded> {
    const headers = { port: `${port}`, requestid: `${this.requests}` };
    this.requests += 1;
    const error = this.spdy.open({ ...headers, streamtype: 'error' });
    this.spdy.data(error, '', true);
    await this.spdy.until(() => this.spdy.heard(error).replied || this.spdy.left);
    const data = this.spdy.open({ ...headers, streamtype: 'data' });
    await this.spdy.until(() => this.spdy.heard(data).replied || this.spdy.left);
    return new Forwarded(this.spdy, error, data);
  }

  /** Is gone without a word. */
  vanish(): void {
    this.spdy.socket.destroy();
  }

  async closed(): Promise<void> {
    await this.spdy.until(() => this.spdy.left);
  }
}

/** One forwarded connection. */
export class Forwarded {
  constructor(
    private readonly spdy: SpdyClient,
    readonly error: number,
    readonly data: number,
  ) {}

  write(bytes: Buffer | string): void {
    this.spdy.data(this.data, bytes);
  }

  /** Writes all, at the server's pace. */
  async send(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; at += PART) {
      this.write(bytes.subarray(at, at + PART));
      if (this.spdy.socket.writableNeedDrain) await once(this.spdy.socket, 'drain');
    }
  }

  end(bytes: Buffer | string = ''): void {
    this.spdy.data(this.data, bytes, true);
  }

  reset(): void {
    this.spdy.frame({ type: 'RST_STREAM', streamId: this.data, status: 5 });
  }

  bytes(): Buffer {
    return this.spdy.bytes(this.data);
  }

  get length(): number {
    return this.spdy.heard(this.data).parts.reduce((sum, part) => sum + part.length, 0);
  }

  errorText(): string {
    return this.spdy.bytes(this.error).toString();
  }

  async until(condition: (text: string) => boolean): Promise<void> {
    await this.spdy.until(() => condition(this.bytes().toString()) || this.spdy.left);
  }

  /** Waits for the end of what the pod says. */
  async ended(): Promise<void> {
    const heard = this.spdy.heard(this.data);
    await this.spdy.until(() => heard.ended || heard.reset !== undefined || this.spdy.left);
  }

  /** Waits for the sign that the connection is over; the answer is what went wrong. */
  async over(): Promise<string> {
    await this.spdy.until(() => this.spdy.heard(this.error).ended || this.spdy.left);
    return this.errorText();
  }
}
