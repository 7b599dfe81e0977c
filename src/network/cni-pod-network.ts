import type { ContainerInspect } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import type { CniNetwork } from './cni/cni-network';
import type { CniPod } from './cni/cni-pod';

/** Pods on a network of CNI plugins: Docker makes the namespace, with nothing but loopback in it. */
export class CniPodNetwork {
  readonly dockerNetworkMode = 'none';

  constructor(private readonly cni: CniNetwork) {}

  async attach(ctx: CallContext, pod: CniPod): Promise<void> {
    await this.cni.attach(ctx, pod);
  }

  async detach(ctx: CallContext, pod: CniPod): Promise<void> {
    // StopPodSandbox has done it, and took the namespace too: RemovePodSandbox need not start the plugins once more.
    if (pod.netns === '' && !(await this.cni.knows(pod.sandboxId))) return;
    await this.cni.detach(ctx, pod);
  }

  addresses(sandbox: ContainerInspect): Promise<readonly string[]> {
    return this.cni.addresses(sandbox.Id);
  }

  condition(): { ready: boolean; reason: string; message: string } {
    return this.cni.condition();
  }

  setPodCidr(cidr: string): void {
    this.cni.setPodCidr(cidr);
  }
}
