import { open, type FileHandle } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import type { ContainerInspect } from '../docker/types';
import { NetnsConnector } from '../host/netns-connector';
import { processStart } from '../host/process-identity';
import type { CallContext } from '../lib/call-context';
import { messageOf, ShimError } from '../lib/errors';
import { SingleFlight } from '../lib/single-flight';

/** As from inside of the pod; then by the pod's own address, for a program that listens on nothing else. */
const LOOPBACK = ['127.0.0.1', '::1'] as const;
const CONNECT_TIMEOUT_MS = 5_000;
/** A pod that nobody connects to keeps its connector so long, in milliseconds. */
const IDLE_MS = 30_000;

export interface PodDialerNeeds {
  /** @throws ShimError NotFound when the id is of no sandbox. */
  readonly findSandbox: (ctx: CallContext, id: string) => Promise<ContainerInspect>;
  readonly network: { addresses(sandbox: ContainerInspect): string[] };
  /** How to start the process of a NetnsConnector. */
  readonly connectorCommand: readonly [string, ...string[]];
}

/** A pod that is being connected to. */
interface Pod {
  readonly pid: number;
  /** Of the pause process: while it is the same, so is the sandbox. */
  readonly started: string;
  readonly addresses: readonly string[];
  /** Undefined for a pod on the host's network. */
  readonly inside: { readonly namespace: FileHandle; readonly connector: NetnsConnector } | undefined;
  idle: NodeJS.Timeout | undefined;
}

/**
 * Connects to ports of pods. A pod on the host's network is a matter of a plain connect; for another a process in its
 * network namespace makes the connection and hands it over. The namespace is held by an open file, taken while the
 * engine says that its process is the sandbox's: a number that was reused in between can't lead into another pod.
 */
export class PodDialer {
  private readonly pods = new Map<string, Pod>();
  private readonly opening = new SingleFlight<Pod>();

  constructor(private readonly needs: PodDialerNeeds) {}

  /**
   * A connection to the port, allowed to be half-open.
   * @throws ShimError NotFound or FailedPrecondition for a sandbox that is gone or stopped, Unavailable for a port where
   *   nobody listens.
   */
  async dial(sandboxId: string, port: number, ctx: CallContext): Promise<Socket> {
    const pod = await this.find(ctx, sandboxId);
    clearTimeout(pod.idle);
    try {
      return await this.connect(ctx, pod, port);
    } finally {
      if (pod.inside) this.startIdleClock(sandboxId, pod);
    }
  }

  /** Lets go of a pod: it is being stopped. Connections that were made are its processes' to end. */
  forget(sandboxId: string): void {
    const pod = this.pods.get(sandboxId);
    this.pods.delete(sandboxId);
    clearTimeout(pod?.idle);
    pod?.inside?.connector.close();
    void pod?.inside?.namespace.close().catch(() => undefined);
  }

  close(): void {
    for (const id of [...this.pods.keys()]) this.forget(id);
  }

  private async find(ctx: CallContext, sandboxId: string): Promise<Pod> {
    const known = this.pods.get(sandboxId);
    if (known !== undefined && (await processStart(known.pid)) === known.started) return known;
    this.forget(sandboxId);
    return await this.opening.run(ctx, sandboxId, async (shared) => {
      const pod = await this.open(shared, sandboxId);
      this.pods.set(sandboxId, pod);
      return pod;
    });
  }

  private async open(ctx: CallContext, sandboxId: string): Promise<Pod> {
    const before = await this.inspect(ctx, sandboxId);
    const addresses = this.needs.network.addresses(before);
    const { Pid: pid } = before.State;
    if (before.HostConfig.NetworkMode === 'host') {
      return { pid, started: await startOf(pid, sandboxId), addresses, inside: undefined, idle: undefined };
    }
    const namespace = await open(`/proc/${pid}/ns/net`).catch((error: unknown) => {
      throw new ShimError(
        'Unavailable',
        `the network namespace of the pod can not be entered: ${messageOf(error)}`,
        error,
      );
    });
    try {
      const started = await startOf(pid, sandboxId);
      const after = await this.inspect(ctx, sandboxId);
      if (after.State.Pid !== pid)
        throw new ShimError('Unavailable', `the pod sandbox ${sandboxId} was just restarted`);
      const path = `/proc/${process.pid}/fd/${namespace.fd}`;
      const connector = new NetnsConnector(path, this.needs.connectorCommand);
      return { pid, started, addresses, inside: { namespace, connector }, idle: undefined };
    } catch (error) {
      await namespace.close();
      throw error;
    }
  }

  private async inspect(ctx: CallContext, sandboxId: string): Promise<ContainerInspect> {
    const sandbox = await this.needs.findSandbox(ctx, sandboxId);
    if (!sandbox.State.Running) throw new ShimError('FailedPrecondition', `the pod sandbox ${sandboxId} does not run`);
    return sandbox;
  }

  private async connect(ctx: CallContext, pod: Pod, port: number): Promise<Socket> {
    if (pod.inside === undefined) return await connectHere(ctx, port, LOOPBACK);
    try {
      return await pod.inside.connector.connect(ctx, port, LOOPBACK);
    } catch (error) {
      if (ctx.signal.aborted || pod.addresses.length === 0) throw error;
      // What the pod's loopback said is the answer that people look for, when its address says no too.
      return await connectHere(ctx, port, pod.addresses).catch(() => Promise.reject(error as Error));
    }
  }

  private startIdleClock(sandboxId: string, pod: Pod): void {
    clearTimeout(pod.idle);
    pod.idle = setTimeout(() => {
      if (this.pods.get(sandboxId) === pod) this.forget(sandboxId);
    }, IDLE_MS).unref();
  }
}

async function startOf(pid: number, sandboxId: string): Promise<string> {
  const started = await processStart(pid);
  if (started === undefined) throw new ShimError('FailedPrecondition', `the pod sandbox ${sandboxId} has just ended`);
  return started;
}

/** From the host's own network: the first address that takes the connection, or the first refusal. */
async function connectHere(ctx: CallContext, port: number, hosts: readonly string[]): Promise<Socket> {
  const refusals: Error[] = [];
  for (const host of hosts) {
    try {
      return await connectOnce(ctx, host, port);
    } catch (error) {
      if (ctx.signal.aborted) throw ctx.signal.reason;
      refusals.push(error as Error);
    }
  }
  throw refusals[0] ?? new ShimError('Unavailable', `there is no address to reach port ${port} at`);
}

function connectOnce(ctx: CallContext, host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
    const fail = (error: Error): void => {
      socket.destroy();
      finish();
      reject(new ShimError('Unavailable', error.message, error));
    };
    const end = (): void => fail(ctx.signal.reason as Error);
    const timer = setTimeout(() => fail(new Error(`connect ETIMEDOUT ${host}:${port}`)), CONNECT_TIMEOUT_MS);
    const finish = (): void => {
      clearTimeout(timer);
      ctx.signal.removeEventListener('abort', end);
      socket.off('error', fail);
      socket.on('error', () => undefined);
    };
    ctx.signal.addEventListener('abort', end, { once: true });
    socket.once('error', fail);
    socket.once('connect', () => {
      finish();
      resolve(socket);
    });
  });
}
