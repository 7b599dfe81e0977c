import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { compareApiVersions } from '../../src/docker/api-version';

/** How the fake answers one request. It may answer badly, late or never: that's what it is for. */
export type Answer = (request: IncomingMessage, reply: ServerResponse) => void;

export interface SeenRequest {
  readonly method: string;
  /** With version prefix and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/**
 * An engine that says its version and that it lives, refuses others as Docker does, and answers all else as the test wants: for the faults
 * that a real one can't be made to show. It speaks HTTP on a unix socket.
 */
export class FakeEngine {
  readonly directory = mkdtempSync(join(tmpdir(), 'fake-engine-'));
  readonly socketPath = join(this.directory, 'docker.sock');
  readonly seen: SeenRequest[] = [];
  /** What GET /version offers. */
  offer: { ApiVersion: string; MinAPIVersion: string; Version: string } = {
    ApiVersion: '1.45',
    MinAPIVersion: '1.24',
    Version: '26.1.4',
  };

  private readonly answers = new Map<string, Answer>();
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;

  /** Listens; call it again after `stop` for an engine that was restarted. */
  async start(): Promise<void> {
    const server = createServer({ keepAliveTimeout: 0 }, (request, reply) => {
      this.serve(request, reply).catch(() => request.destroy());
    });
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.handOver(request, socket, head).catch(() => socket.destroy());
    });
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(this.socketPath, resolve));
    this.server = server;
  }

  /** Sets how requests named such as `GET /containers/json` are answered, the version and the query left out. */
  on(name: string, answer: Answer): void {
    this.answers.set(name, answer);
  }

  /** How often a request was made. */
  count(name: string): number {
    return this.seen.filter(({ method, url }) => `${method} ${pathOf(url)}` === name).length;
  }

  get openConnections(): number {
    return this.sockets.size;
  }

  /** Closes every connection, as an engine does that ends. */
  hangUp(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** The engine is away: no connection, and nobody listens. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve) ?? resolve(undefined));
    this.server = undefined;
    this.hangUp();
    await closed;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async serve(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const name = nameOf(request);
    const own = this.answers.get(name);
    // A test that wants to answer before the body has come reads it itself.
    if (own !== undefined && request.headers['x-test-unread'] !== undefined) return own(request, reply);
    this.note(request, (await buffer(request)).toString());
    const asked = /^\/v([\d.]+)\//.exec(request.url ?? '')?.[1];
    const refusal = asked === undefined ? undefined : refusalOf(asked, this.offer);
    if (refusal !== undefined) json({ message: refusal }, 400)(request, reply);
    else if (own !== undefined) own(request, reply);
    else if (name === 'GET /version') json(this.offer)(request, reply);
    else if (name === 'GET /_ping') text('OK')(request, reply);
    else json({ message: 'page not found' }, 404)(request, reply);
  }

  /** A request that wants the connection itself: Node leaves its body to be read off the socket. */
  private async handOver(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    let body = head;
    while (body.length < Number(request.headers['content-length'] ?? 0)) {
      const [more] = (await once(socket, 'data')) as [Buffer];
      body = Buffer.concat([body, more]);
    }
    this.note(request, body.toString());
    // Unread, it would never see the other side's end.
    socket.resume().once('end', () => socket.end());
    const reply = new ServerResponse(request);
    reply.assignSocket(socket);
    this.answers.get(nameOf(request))?.(request, reply);
  }

  private note(request: IncomingMessage, body: string): void {
    this.seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
  }
}

/** A good answer, or with its status a refusal. */
export function json(value: unknown, status = 200): Answer {
  return (_request, reply) => {
    reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
}

/** Any answer, sound or not. */
export function text(body: string, status = 200, headers: Record<string, string> = {}): Answer {
  return (_request, reply) => void reply.writeHead(status, headers).end(body);
}

/** Bytes as they are, and then a hang-up. */
export function bytesThenHangUp(bytes: string): Answer {
  return ({ socket }) => void socket.end(bytes);
}

/** Bytes as they are, and then nothing more. */
export function bytesThenSilence(bytes: string): Answer {
  return ({ socket }) => void socket.write(bytes);
}

/** A hang-up without a word. */
export const hangUp: Answer = ({ socket }) => void socket.destroy();

/** No answer, ever. */
export const silence: Answer = () => undefined;

function nameOf(request: IncomingMessage): string {
  return `${request.method} ${pathOf(request.url ?? '')}`;
}

function pathOf(url: string): string {
  return url.replace(/^\/v[\d.]+(?=\/)/, '').replace(/\?.*$/, '');
}

/** Docker's words, which have not changed from 20.10 to 29. */
function refusalOf(asked: string, offer: { ApiVersion: string; MinAPIVersion: string }): string | undefined {
  if (compareApiVersions(asked, offer.ApiVersion) > 0) {
    return `client version ${asked} is too new. Maximum supported API version is ${offer.ApiVersion}`;
  }
  if (compareApiVersions(asked, offer.MinAPIVersion) < 0) {
    return `client version ${asked} is too old. Minimum supported API version is ${offer.MinAPIVersion}, please upgrade your client to a newer version`;
  }
  return undefined;
}
