import type { CallContext } from '../../lib/call-context';
import { ShimError } from '../../lib/errors';
import type { Log } from '../../lib/log';
import type { CniPod } from './cni-pod';

export interface CniNetworkOptions {
  readonly confDir: string;
  readonly binDirs: readonly string[];
  readonly cacheDir: string;
  readonly log: Log;
}

export class CniNetwork {
  constructor(private readonly options: CniNetworkOptions) {}

  async start(): Promise<void> {
    await Promise.resolve();
    this.options.log.debug('reading the network configuration');
  }

  stop(): void {}

  condition(): { ready: boolean; reason: string; message: string } {
    return { ready: false, reason: 'NetworkPluginNotReady', message: '' };
  }

  setPodCidr(cidr: string): void {
    void cidr;
  }

  async attach(ctx: CallContext, pod: CniPod): Promise<readonly string[]> {
    await Promise.resolve();
    throw new ShimError('Unimplemented', `CNI for ${pod.name}`, ctx.signal.reason);
  }

  async detach(ctx: CallContext, pod: CniPod): Promise<void> {
    await Promise.resolve();
    throw new ShimError('Unimplemented', `CNI for ${pod.name}`, ctx.signal.reason);
  }

  async addresses(sandboxId: string): Promise<readonly string[]> {
    await Promise.resolve();
    return sandboxId === '' ? [] : [];
  }

  async collectGarbage(ctx: CallContext, live: readonly { sandboxId: string; ifname: string }[]): Promise<void> {
    await Promise.resolve();
    ctx.log.debug('collecting', { live: live.length });
  }
}
