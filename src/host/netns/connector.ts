import { open, type FileHandle } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { CallContext } from '../../lib/call-context';
import { messageOf, ShimError } from '../../lib/errors';
import { ConnectorProcess } from './connector-process';

/**
 * Makes TCP connections from inside of one network namespace. The first one starts a process there, which stays for the
 * next ones; one that died is replaced, also for those who wait for it.
 */
export class NetnsConnector {
  private process: ConnectorProcess | undefined;
  private closed = false;

  private constructor(
    private readonly namespace: FileHandle,
    private readonly command: readonly string[],
  ) {}

  /**
   * Takes hold of the network namespace that a process is in now: the process may end, and its number go to another.
   * @param command starts serveNetnsConnections() with a channel to its parent.
   * @throws ShimError Unavailable when there is no such process.
   */
  static async open(pid: number, command: readonly string[]): Promise<NetnsConnector> {
    try {
      return new NetnsConnector(await open(`/proc/${pid}/ns/net`), command);
    } catch (error) {
      throw new ShimError('Unavailable', `its network namespace cannot be entered: ${messageOf(error)}`, error);
    }
  }

  /**
   * A connection to the port at the first of the hosts that takes it. It is paused and may be half-open.
   * @throws ShimError Unavailable with the reason of the first refusal; the context's reason when that ends.
   */
  async connect(ctx: CallContext, hosts: readonly string[], port: number): Promise<Socket> {
    const process = this.runningProcess();
    try {
      return await process.connect(ctx, hosts, port);
    } catch (error) {
      // That it has ended says nothing of the port: the next one is asked, once.
      if (!process.hasEnded || ctx.signal.aborted) throw error;
      return await this.runningProcess().connect(ctx, hosts, port);
    }
  }

  private runningProcess(): ConnectorProcess {
    if (this.closed) throw new ShimError('Unavailable', 'its network namespace was given up');
    if (this.process?.alive !== true) this.process = ConnectorProcess.start(this.namespace.fd, this.command);
    return this.process;
  }

  /** Ends the process and lets the namespace go. Connections that were made go on; those being made fail. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.process?.kill();
    await this.namespace.close();
  }
}
