import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RegistryImage } from './registry-image';

/** A blob whose beginning was sent. Whoever holds it opens `rest` or `drops`; the registry opens the others. */
export interface HeldBlob {
  /** It was asked for. */
  readonly begun: Gate;
  /** The client hung up before its end. */
  readonly closed: Gate;
  /** The rest is sent at once. */
  readonly rest: Gate;
  /** The rest is sent byte by byte. */
  readonly drops: Gate;
}

/** How a registry lets people in. `token` names a token service that takes the account or the refresh token. */
export type RegistryDoor =
  | { readonly kind: 'open' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | {
      readonly kind: 'token';
      readonly username: string;
      readonly password: string;
      readonly refreshToken: string;
      readonly token: string;
    };

const FIRST_BYTES = 32 * 1024;
const DIGEST_HEADER = 'docker-content-digest';

/**
 * A registry (Distribution API v2, pulls alone) in the test's own process, over plain HTTP on 127.0.0.1: Docker needs no
 * configuration to trust that. Images are pushed by calling `push`.
 */
export class TestRegistry {
  /** Method and path of every request so far. */
  readonly requests: string[] = [];
  private readonly manifests = new Map<string, RegistryImage>();
  private readonly blobs = new Map<string, Buffer>();
  private readonly held = new Map<string, HeldBlob>();

  private constructor(
    private readonly server: Server,
    private readonly door: RegistryDoor,
  ) {}

  static async start(door: RegistryDoor = { kind: 'open' }): Promise<TestRegistry> {
    const server = createServer();
    const registry = new TestRegistry(server, door);
    server.on('request', (request, response) => {
      registry.answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return registry;
  }

  /** What image names start with: 127.0.0.1 and the port. */
  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  push(repository: string, tag: string, image: RegistryImage): void {
    this.manifests.set(`${repository}/${tag}`, image);
    this.manifests.set(`${repository}/${image.manifestDigest}`, image);
    for (const [digest, blob] of image.blobs) this.blobs.set(digest, blob);
  }

  /** Sends only the beginning of a blob until the answer says how to go on. */
  hold(digest: string): HeldBlob {
    const held = { begun: gate(), closed: gate(), rest: gate(), drops: gate() };
    this.held.set(digest, held);
    return held;
  }

  /** How often a manifest of the repository was asked for. */
  manifestRequests(repository: string): number {
    return this.requests.filter((line) => line.includes(`/v2/${repository}/manifests/`)).length;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://registry');
    this.requests.push(`${request.method} ${pathname}`);
    if (pathname === '/token') return await this.giveToken(request, response);
    if (!this.letsIn(request)) return this.refuse(response);
    if (pathname === '/v2/') return void response.end('{}');
    const [, repository, kind, name = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(pathname) ?? [];
    if (kind === 'manifests') return this.giveManifest(this.manifests.get(`${repository}/${name}`), request, response);
    await this.giveBlob(name, response);
  }

  private letsIn(request: IncomingMessage): boolean {
    const { door } = this;
    const shown = request.headers.authorization;
    if (door.kind === 'basic') return shown === basic(door);
    return door.kind === 'open' || shown === `Bearer ${door.token}`;
  }

  private refuse(response: ServerResponse): void {
    const challenge =
      this.door.kind === 'token' ? `Bearer realm="http://${this.host}/token",service="test"` : 'Basic realm="test"';
    response.writeHead(401, { 'www-authenticate': challenge, 'content-type': 'application/json' });
    response.end(failure('UNAUTHORIZED', 'authentication required'));
  }

  private async giveToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams((await request.toArray()).join(''));
    const { door } = this;
    const known =
      door.kind === 'token' &&
      (request.headers.authorization === basic(door) || form.get('refresh_token') === door.refreshToken);
    if (!known) {
      response.writeHead(401, { 'content-type': 'application/json' });
      return void response.end(failure('UNAUTHORIZED', 'incorrect username or password'));
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ token: door.token, access_token: door.token, expires_in: 300 }));
  }

  private giveManifest(image: RegistryImage | undefined, request: IncomingMessage, response: ServerResponse): void {
    if (image === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' });
      return void response.end(failure('MANIFEST_UNKNOWN', 'manifest unknown'));
    }
    const { mediaType } = JSON.parse(image.manifest.toString()) as { mediaType: string };
    const headers = { 'content-type': mediaType, 'content-length': image.manifest.length };
    response.writeHead(200, { ...headers, [DIGEST_HEADER]: image.manifestDigest });
    response.end(request.method === 'HEAD' ? undefined : image.manifest);
  }

  private async giveBlob(digest: string, response: ServerResponse): Promise<void> {
    const blob = this.blobs.get(digest);
    if (blob === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' });
      return void response.end(failure('BLOB_UNKNOWN', 'blob unknown'));
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': blob.length });
    const hold = this.held.get(digest);
    if (hold === undefined) return void response.end(blob);
    response.on('close', () => response.writableFinished || hold.closed.open());
    response.write(blob.subarray(0, FIRST_BYTES));
    hold.begun.open();
    await Promise.race([hold.rest.opened, hold.drops.opened.then(() => drip(blob, response))]);
    response.end(blob.subarray(FIRST_BYTES));
  }
}

/** Sends bytes, slowly, until the client hangs up. */
async function drip(blob: Buffer, response: ServerResponse): Promise<void> {
  for (let at = FIRST_BYTES; at < blob.length && !response.destroyed; at++) {
    response.write(blob.subarray(at, at + 1));
    await sleep(20);
  }
}

/** Something to wait for, and what ends the waiting. */
interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

function gate(): Gate {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

function basic({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function failure(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}
