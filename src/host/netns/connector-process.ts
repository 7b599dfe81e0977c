import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { within, type CallContext } from '../../lib/call-context';
import { messageOf, ShimError } from '../../lib/errors';
import type { ConnectAnswer, ConnectRequest } from './serve-connections';

/** How long one address may take to answer, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;
/** How long the process may take to start, and to hand a socket over. */
const PROCESS_TIMEOUT_MS = 10_000;
/** How much of what it complains of is kept, in characters. */
const MOST_COMPLAINT = 500;

/** The places of its files, after the usual three. */
const CHANNEL = 'ipc';
const NAMESPACE_FD = 4;

interface Waiting {
  resolve(socket: Socket): void;
  reject(error: unknown): void;
}

/** The shim's end of one process in a network namespace (serve-connections.ts). */
export class ConnectorProcess {
  /** INVARIANT: when the process has ended, nobody waits here. */
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private complaint = '';
  /** Why it has ended, when it has. */
  private ended: string | undefined;

  private constructor(private readonly child: ChildProcess) {}

  /** @param namespaceFd an open network namespace; it may be closed when this returns. */
  static start(namespaceFd: number, command: readonly string[]): ConnectorProcess {
    const child = spawn('nsenter', [`--net=/proc/self/fd/${NAMESPACE_FD}`, '--', ...command], {
      stdio: ['ignore', 'ignore', 'pipe', CHANNEL, namespaceFd],
    });
    const started = new ConnectorProcess(child);
    started.listen();
    return started;
  }

  /** Whether it can be asked for more. */
  get alive(): boolean {
    return this.child.connected;
  }

  get hasEnded(): boolean {
    return this.ended !== undefined;
  }

  /** @throws ShimError Unavailable with the reason of the first refusal; the context's reason when that ends. */
  async connect(ctx: CallContext, hosts: readonly string[], port: number): Promise<Socket> {
    const id = (this.lastId += 1);
    const limitMs = hosts.length * CONNECT_TIMEOUT_MS + PROCESS_TIMEOUT_MS;
    const bounded = within(ctx, limitMs, `connecting to port ${port}`);
    const end = (): void => {
      // A process that does not even say that it timed out hangs.
      if (!ctx.signal.aborted) this.kill();
      this.take(id)?.reject(bounded.signal.reason);
    };
    bounded.signal.addEventListener('abort', end, { once: true });
    try {
      return await new Promise<Socket>((resolve, reject) => {
        this.waiting.set(id, { resolve, reject });
        if (bounded.signal.aborted) end();
        else this.send({ id, hosts, port, timeoutMs: CONNECT_TIMEOUT_MS });
      });
    } finally {
      bounded.dispose();
    }
  }

  kill(): void {
    // Until the error event of one that could not be started, Node would kill number 0: the shim's own process group.
    if (this.child.pid !== undefined) this.child.kill('SIGKILL');
  }

  private listen(): void {
    this.child.on('message', (answer: ConnectAnswer, socket: Socket | undefined) => this.answered(answer, socket));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaint = (this.complaint + text).slice(-MOST_COMPLAINT);
    });
    this.child.once('error', (error) => this.gone(messageOf(error)));
    this.child.once('close', (code, signal) => this.gone(this.complaint.trim() || `it ended with ${signal ?? code}`));
  }

  /** A process that takes no request is ending: its end has the reason, and is told to all who wait. */
  private send(request: ConnectRequest): void {
    // One that could not be started may have no channel either; its error event comes next.
    if (this.child.pid === undefined) return;
    this.child.send(request, (error) => {
      if (error === null) return;
      if (this.ended === undefined) this.kill();
      else this.gone(this.ended);
    });
  }

  private answered(answer: ConnectAnswer, socket: Socket | undefined): void {
    const waiting = this.take(answer.id);
    socket?.on('error', () => undefined);
    if (waiting === undefined) socket?.destroy();
    else if (!answer.ok) waiting.reject(new ShimError('Unavailable', answer.error));
    else if (socket === undefined) waiting.reject(new ShimError('Unavailable', 'the connection was closed at once'));
    else {
      socket.allowHalfOpen = true;
      waiting.resolve(socket);
    }
  }

  private gone(why: string): void {
    this.ended = why;
    for (const id of [...this.waiting.keys()]) {
      this.take(id)?.reject(new ShimError('Unavailable', `the process in its network namespace failed: ${why}`));
    }
  }

  private take(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }
}
