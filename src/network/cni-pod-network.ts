import type { ContainerInspect } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { SharedLock } from '../lib/shared-lock';
import type { CniNetwork } from './cni/cni-network';
import type { CniPod } from './cni/cni-pod';
import { POD_INTERFACE } from './cni/runtime-args';

/** Pods on a network of CNI plugins: Docker makes the namespace, with nothing but loopback in it. */
export class CniPodNetwork {
  readonly dockerNetworkMode = 'none';
  private readonly attaching = new SharedLock();

  constructor(private readonly cni: CniNetwork) {}

  async attach(ctx: CallContext, pod: CniPod): Promise<void> {
    await this.attaching.runShared(ctx, () => this.cni.attach(ctx, pod));
  }

  async detach(ctx: CallContext, pod: CniPod): Promise<void> {
    // StopPodSandbox has done it, and took the namespace too: RemovePodSandbox need not start the plugins once more.
    if (pod.netns === '' && !(await this.cni.knows(pod.sandboxId))) return;
    await this.cni.detach(ctx, pod);
  }

  async collectGarbage(ctx: CallContext, findLive: () => Promise<readonly string[]>): Promise<void> {
    await this.attaching.runAlone(ctx, async () => {
      const live = await findLive();
      const attachments = live.map((sandboxId) => ({ sandboxId, ifname: POD_INTERFACE }));
      await this.cni.collectGarbage(ctx, attachments);
    });
  }

  addresses(sandbox: ContainerInspect): Promise<readonly string[]> {
    return this.cni.addresses(sandbox.Id);
  }

  condition(): { ready: boolean; reason: string; message: string } {
    return this.cni.condition();
  }

  async setPodCidr(cidr: string): Promise<void> {
    await this.cni.setPodCidr(cidr);
  }
}
