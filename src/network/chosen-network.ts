import type { ContainerNetwork } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import type { BridgeNetwork } from './bridge';
import type { CniPodNetwork } from './cni-pod-network';
import type { CniPod } from './pod';

/** A pod, and Docker's network mode for it, which tells by which plugin it was attached. */
export type ConnectedPod = CniPod & { readonly dockerNetworkMode: string };

/**
 * New pods are attached by the plugin that the node is configured with. Those that were made with the other one, before
 * the configuration changed, keep their addresses, and are taken off their network by what attached them.
 */
export class PodNetworks {
  private readonly chosen: CniPodNetwork | BridgeNetwork;

  constructor(
    plugin: 'cni' | 'bridge',
    private readonly cni: CniPodNetwork,
    private readonly bridge: BridgeNetwork,
  ) {
    this.chosen = plugin === 'cni' ? cni : bridge;
  }

  get dockerNetworkMode(): string {
    return this.chosen.dockerNetworkMode;
  }

  async attach(ctx: CallContext, pod: CniPod): Promise<void> {
    await this.chosen.attach(ctx, pod);
  }

  async detach(ctx: CallContext, pod: ConnectedPod): Promise<void> {
    await this.of(pod.dockerNetworkMode).detach(ctx, pod);
  }

  async check(ctx: CallContext, pod: ConnectedPod): Promise<void> {
    await this.of(pod.dockerNetworkMode).check(ctx, pod);
  }

  /** Docker's bridge keeps nothing outside of the container. */
  async knows(sandboxId: string): Promise<boolean> {
    return await this.cni.knows(sandboxId);
  }

  async known(): Promise<readonly string[]> {
    return await this.cni.known();
  }

  async collectGarbage(ctx: CallContext, findLive: () => Promise<readonly string[]>): Promise<void> {
    await this.chosen.collectGarbage(ctx, findLive);
  }

  async addresses(sandbox: ContainerNetwork): Promise<readonly string[]> {
    return await this.of(sandbox.HostConfig.NetworkMode ?? '').addresses(sandbox);
  }

  condition(): { ready: boolean; reason: string; message: string } {
    return this.chosen.condition();
  }

  async setPodCidr(cidr: string): Promise<void> {
    await this.chosen.setPodCidr(cidr);
  }

  /** A pod that Docker itself has connected to a network is taken off it by Docker. */
  private of(dockerNetworkMode: string): CniPodNetwork | BridgeNetwork {
    return dockerNetworkMode === this.cni.dockerNetworkMode ? this.cni : this.bridge;
  }
}
