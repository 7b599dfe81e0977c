import type { ContainerNetwork } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import type { NetworkedPod } from './pod';
import type { NetworkCondition, PodNetwork } from './pod-network';

/**
 * New pods are attached by the plugin that the node is configured with. Those that were made with the other one, before
 * the configuration changed, keep their addresses, and are taken off their network by what attached them.
 */
export class ChosenNetwork implements PodNetwork {
  private readonly chosen: PodNetwork;

  constructor(
    plugin: 'cni' | 'bridge',
    private readonly cni: PodNetwork,
    private readonly bridge: PodNetwork,
  ) {
    this.chosen = plugin === 'cni' ? cni : bridge;
  }

  get dockerNetworkMode(): string {
    return this.chosen.dockerNetworkMode;
  }

  async attach(ctx: CallContext, pod: NetworkedPod): Promise<void> {
    await this.chosen.attach(ctx, pod);
  }

  async hold(ctx: CallContext, pod: NetworkedPod): Promise<boolean> {
    return await this.of(pod.dockerNetworkMode).hold(ctx, pod);
  }

  async detach(ctx: CallContext, pod: NetworkedPod): Promise<void> {
    await this.of(pod.dockerNetworkMode).detach(ctx, pod);
  }

  async check(ctx: CallContext, pod: NetworkedPod): Promise<void> {
    await this.of(pod.dockerNetworkMode).check(ctx, pod);
  }

  /** Docker's bridge keeps nothing outside of the container. */
  async knows(sandboxId: string): Promise<boolean> {
    return await this.cni.knows(sandboxId);
  }

  async knownSandboxes(): Promise<readonly string[]> {
    return await this.cni.knownSandboxes();
  }

  async collectGarbage(ctx: CallContext, findLive: () => Promise<readonly string[]>): Promise<void> {
    await this.chosen.collectGarbage(ctx, findLive);
  }

  async addresses(sandbox: ContainerNetwork): Promise<readonly string[]> {
    return await this.of(sandbox.HostConfig.NetworkMode ?? '').addresses(sandbox);
  }

  condition(): NetworkCondition {
    return this.chosen.condition();
  }

  async setPodCidr(cidr: string): Promise<void> {
    await this.chosen.setPodCidr(cidr);
  }

  /** A pod that Docker itself has connected to a network is taken off it by Docker. */
  private of(dockerNetworkMode: string): PodNetwork {
    return dockerNetworkMode === this.cni.dockerNetworkMode ? this.cni : this.bridge;
  }
}
