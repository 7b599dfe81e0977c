import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { messageOf, ShimError } from '../lib/errors';
import type { CallContext } from '../lib/call-context';
import type { ConnectAnswer, ConnectRequest } from './netns-connector-process';

/** How long one address may take to answer, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

interface Waiting {
  resolve(socket: Socket): void;
  reject(error: Error): void;
}

/**
 * Makes TCP connections from inside of one network namespace. The first one starts a process there, which stays for the
 * next ones until it is closed, or the shim ends.
 */
export class NetnsConnector {
  private child: ChildProcess | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  /**
   * @param namespace a path such as /proc/123/ns/net.
   * @param command starts the process (netns-connector-process.ts) with a channel to its parent.
   */
  constructor(
    private readonly namespace: string,
    private readonly command: readonly [string, ...string[]],
  ) {}

  /**
   * A connection to the port at the first of the addresses that takes it. It is paused, and may be half-open.
   * @throws ShimError Unavailable with the reason of the first refusal; the context's reason when that ends.
   */
  async connect(ctx: CallContext, port: number, hosts: readonly string[]): Promise<Socket> {
    const child = (this.child ??= this.start());
    const id = (this.lastId += 1);
    const request: ConnectRequest = { id, port, hosts, timeoutMs: CONNECT_TIMEOUT_MS };
    const end = (): void => this.take(id)?.reject(ctx.signal.reason as Error);
    ctx.signal.addEventListener('abort', end, { once: true });
    try {
      return await new Promise<Socket>((resolve, reject) => {
        this.waiting.set(id, { resolve, reject });
        if (ctx.signal.aborted) end();
        else child.send(request, (error) => error && this.take(id)?.reject(error));
      });
    } finally {
      ctx.signal.removeEventListener('abort', end);
    }
  }

  /** Ends the process. Connections that were made go on; those being made fail. */
  close(): void {
    const { child } = this;
    if (child === undefined) return;
    this.gone(child, 'the connector was closed');
    child.kill('SIGKILL');
  }

  private start(): ChildProcess {
    const child = spawn('nsenter', [`--net=${this.namespace}`, '--', ...this.command], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (answer: ConnectAnswer, socket: Socket | undefined) => this.answered(answer, socket));
    const gone = (why: string) => (): void => this.gone(child, why);
    child.on('error', (error) => this.gone(child, messageOf(error)));
    child.on('exit', gone('the process in the network namespace ended'));
    child.on('disconnect', gone('the process in the network namespace closed its channel'));
    return child;
  }

  private answered(answer: ConnectAnswer, socket: Socket | undefined): void {
    const waiting = this.take(answer.id);
    if (answer.ok && socket !== undefined) {
      socket.allowHalfOpen = true;
      if (waiting === undefined) socket.destroy();
      else waiting.resolve(socket);
      return;
    }
    const why = answer.ok ? 'the connection was closed at once' : answer.error;
    waiting?.reject(new ShimError('Unavailable', why));
  }

  private gone(child: ChildProcess, why: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    for (const id of [...this.waiting.keys()]) this.take(id)?.reject(new ShimError('Unavailable', why));
  }

  private take(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }
}
