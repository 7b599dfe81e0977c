import { NO_NETWORK } from '../docker/network-mode';
import type { ContainerNetwork } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { Remembered } from '../lib/remembered';
import { SharedLock } from '../lib/shared-lock';
import type { CniNetwork } from './cni/network';
import type { CniPod } from './pod';
import { POD_INTERFACE } from './cni/attachment/attachment';
import { namespaceAddresses } from './cni/namespace-addresses';

/** Pods on a network of CNI plugins: Docker makes the namespace, with nothing but loopback in it. */
export class CniPodNetwork {
  readonly dockerNetworkMode = NO_NETWORK;
  private readonly attaching = new SharedLock();
  /** The last pods that were taken off. */
  private readonly takenOff = new Remembered<true>();

  constructor(private readonly cni: CniNetwork) {}

  async attach(ctx: CallContext, pod: CniPod): Promise<void> {
    await this.attaching.runShared(ctx, () => this.cni.attach(ctx, pod));
  }

  /** A predecessor's pod may have nothing in the cache: it is taken off as the network is configured now. */
  async detach(ctx: CallContext, pod: CniPod): Promise<void> {
    // StopPodSandbox has done it, and took the namespace too: RemovePodSandbox need not start the plugins once more.
    if (pod.netns === '' && this.takenOff.get(pod.sandboxId) && !(await this.cni.knows(pod.sandboxId))) return;
    await this.cni.detach(ctx, pod);
    this.takenOff.set(pod.sandboxId, true);
  }

  async check(ctx: CallContext, pod: CniPod): Promise<void> {
    await this.cni.check(ctx, pod);
  }

  async knows(sandboxId: string): Promise<boolean> {
    return await this.cni.knows(sandboxId);
  }

  async known(): Promise<readonly string[]> {
    return await this.cni.knownPods();
  }

  async collectGarbage(ctx: CallContext, findLive: () => Promise<readonly string[]>): Promise<void> {
    await this.attaching.runAlone(ctx, async () => {
      const live = await findLive();
      const attachments = live.map((sandboxId) => ({ sandboxId, ifname: POD_INTERFACE }));
      await this.cni.collectGarbage(ctx, attachments);
    });
  }

  /** The addresses that ADD answered; for a pod that another program attached, those that the kernel has. */
  async addresses(sandbox: ContainerNetwork): Promise<readonly string[]> {
    const answered = await this.cni.addresses(sandbox.Id);
    return answered.length > 0 ? answered : namespaceAddresses(sandbox.State.Pid, POD_INTERFACE);
  }

  condition(): { ready: boolean; reason: string; message: string } {
    return this.cni.condition();
  }

  async setPodCidr(cidr: string): Promise<void> {
    await this.cni.setPodCidr(cidr);
  }
}
