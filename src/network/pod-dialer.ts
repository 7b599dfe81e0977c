import type { Socket } from 'node:net';
import { isOnHostNetwork } from '../docker/network-mode';
import type { ContainerInspect } from '../docker/types';
import { NetnsConnector } from '../host/netns/connector';
import { processStart } from '../host/process-start';
import { connectFirst } from '../host/tcp-connect';
import { throwIfEnded, type CallContext } from '../lib/call-context';
import { messageOf, ShimError } from '../lib/errors';
import { SingleFlight } from '../lib/single-flight';
import type { PodNetwork } from './pod-network';

const LOOPBACK = ['127.0.0.1', '::1'] as const;
const CONNECT_TIMEOUT_MS = 5_000;
/** A pod that nobody connects to keeps its connector so long, in milliseconds. */
const IDLE_MS = 30_000;

export interface PodDialerNeeds {
  /** @throws ShimError NotFound when the id is of no sandbox. */
  readonly findSandbox: (ctx: CallContext, id: string) => Promise<ContainerInspect>;
  readonly network: Pick<PodNetwork, 'addresses'>;
  /** How to start the process of a NetnsConnector. */
  readonly connectorCommand: readonly string[];
}

/** A pod that is being connected to. */
interface DialedPod {
  readonly pid: number;
  /** Of the pause process: while it is the same, so is the sandbox. */
  readonly started: string;
  /** As from inside of the pod: its loopback, then its own address, for a program that listens on nothing else. */
  readonly hosts: readonly string[];
  /** Undefined for a pod on the host's network. */
  readonly connector: NetnsConnector | undefined;
  dialing: number;
  idle: NodeJS.Timeout | undefined;
}

/**
 * Connects to ports of pods. A pod on the host's network is simply connected to; for any other, a process in its
 * network namespace makes the connection and hands it over. The namespace is held open from a moment when the engine
 * says that its process is the sandbox's: a number that was reused in between can't lead into another pod.
 */
export class PodDialer {
  private readonly pods = new Map<string, DialedPod>();
  private readonly opening = new SingleFlight<DialedPod>();

  constructor(private readonly needs: PodDialerNeeds) {}

  /**
   * A connection to the port, paused and allowed to be half-open.
   * @param sandboxId the whole id.
   * @throws ShimError NotFound or FailedPrecondition for a sandbox that is gone or stopped, Unavailable for a port where
   *   nobody listens.
   */
  async dial(sandboxId: string, port: number, ctx: CallContext): Promise<Socket> {
    const pod = await this.find(ctx, sandboxId);
    clearTimeout(pod.idle);
    pod.dialing += 1;
    try {
      if (pod.connector !== undefined) return await pod.connector.connect(ctx, pod.hosts, port);
      return await connectFirst(pod.hosts, port, CONNECT_TIMEOUT_MS, ctx.signal);
    } finally {
      pod.dialing -= 1;
      if (pod.dialing === 0) this.startIdleClock(ctx, sandboxId, pod);
    }
  }

  /** Lets go of a pod: it is stopped. Connections that were made are their owners' to end. */
  async forget(sandboxId: string): Promise<void> {
    const pod = this.pods.get(sandboxId);
    this.pods.delete(sandboxId);
    clearTimeout(pod?.idle);
    await pod?.connector?.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.pods.keys()].map((id) => this.forget(id)));
  }

  private async find(ctx: CallContext, sandboxId: string): Promise<DialedPod> {
    const known = this.pods.get(sandboxId);
    if (known !== undefined && processStart(known.pid) === known.started) return known;
    return await this.opening.run(ctx, sandboxId, async (shared) => {
      await this.forget(sandboxId);
      return await this.open(shared, sandboxId);
    });
  }

  private async open(ctx: CallContext, sandboxId: string): Promise<DialedPod> {
    const sandbox = await this.inspect(ctx, sandboxId);
    const { Pid: pid } = sandbox.State;
    const onHost = isOnHostNetwork(sandbox);
    const connector = onHost ? undefined : await NetnsConnector.open(pid, this.needs.connectorCommand);
    try {
      const started = processStart(pid);
      const own = onHost ? [] : await this.needs.network.addresses(sandbox);
      const again = await this.inspect(ctx, sandboxId);
      throwIfEnded(ctx);
      if (started === undefined || again.State.Pid !== pid) {
        throw new ShimError('Unavailable', `the pod sandbox ${sandboxId} was restarted just now`);
      }
      const pod: DialedPod = { pid, started, hosts: [...LOOPBACK, ...own], connector, dialing: 0, idle: undefined };
      this.pods.set(sandboxId, pod);
      this.startIdleClock(ctx, sandboxId, pod);
      return pod;
    } catch (error) {
      await connector?.close();
      throw error;
    }
  }

  private async inspect(ctx: CallContext, sandboxId: string): Promise<ContainerInspect> {
    const sandbox = await this.needs.findSandbox(ctx, sandboxId);
    if (!sandbox.State.Running) throw new ShimError('FailedPrecondition', `the pod sandbox ${sandboxId} does not run`);
    return sandbox;
  }

  private startIdleClock({ log }: CallContext, sandboxId: string, pod: DialedPod): void {
    if (this.pods.get(sandboxId) !== pod) return;
    pod.idle = setTimeout(() => {
      this.forget(sandboxId).catch((error: unknown) => {
        log.warn('a network namespace could not be let go', { sandbox: sandboxId, error: messageOf(error) });
      });
    }, IDLE_MS).unref();
  }
}
