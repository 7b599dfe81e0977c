import type { CallContext } from '../../lib/call-context';
import { messageOf, ShimError, whileDoing } from '../../lib/errors';
import type { Log } from '../../lib/log';
import { Remembered } from '../../lib/remembered';
import { addToNetwork } from './attach';
import type { CniPod } from '../pod';
import { askToCollect, podsAmong, type LiveAttachment } from './collect-garbage';
import { ConfigurationWatch } from './configuration/configuration-watch';
import { deleteCached, deleteFromNetwork, existingNetns, keptResult, networkOf } from './detach';
import { configurationTrouble, networkCondition, type NetworkCondition } from './configuration/configuration-trouble';
import type { NetworkConfig } from './configuration/network-config';
import { NetworkStatus } from './plugins/plugin-status';
import { PluginRunner } from './plugins/plugin-runner';
import { addressesOf } from './plugins/result';
import { ResultCache } from './result-cache';
import { attachmentOf, bareAttachmentOf, POD_INTERFACE } from './attachment/attachment';
import { isAtLeast } from './configuration/spec-version';

export interface CniNetworkOptions {
  readonly confDir: string;
  readonly binDirs: readonly string[];
  /** libcni's results are in its directory `results`. */
  readonly cacheDir: string;
  readonly log: Log;
  /** Where the node's ranges of pod addresses survive a restart. */
  readonly podCidr: { read(): Promise<string>; write(cidr: string): Promise<void> };
  /** How long one plugin may take, in milliseconds; a minute when it is not given. */
  readonly pluginTimeoutMs?: number;
}

const PLUGIN_TIMEOUT_MS = 60_000;

/** Pod networking by plugins of the Container Network Interface, of every version up to 1.1.0. */
export class CniNetwork {
  private readonly plugins: PluginRunner;
  private readonly cache: ResultCache;
  private readonly status: NetworkStatus;
  private readonly configuration: ConfigurationWatch;
  private podCidrs: readonly string[] = [];
  /**
   * Addresses of the pods that were attached or asked for since the start. An entry goes when its pod is taken off the
   * network.
   */
  private readonly known = new Remembered<readonly string[]>();

  constructor(private readonly options: CniNetworkOptions) {
    const { confDir, binDirs, cacheDir, log } = options;
    this.plugins = new PluginRunner(binDirs, options.pluginTimeoutMs ?? PLUGIN_TIMEOUT_MS);
    this.cache = new ResultCache(cacheDir);
    this.status = new NetworkStatus(this.plugins, log);
    const onNetwork = (network: NetworkConfig | undefined): void => this.status.follow(network);
    this.configuration = new ConfigurationWatch({ confDir, binDirs, log, onNetwork });
  }

  /** Reads the configuration and follows its changes; a directory that isn't there may come later. */
  async start(): Promise<void> {
    this.podCidrs = listOf(await this.options.podCidr.read());
    await this.configuration.start();
  }

  stop(): void {
    this.configuration.stop();
  }

  /** The node's condition NetworkReady. Starts no plugin, but for STATUS while the network is not ready. */
  condition(): NetworkCondition {
    return networkCondition(this.trouble() ?? this.status.current());
  }

  /**
   * The node's ranges of pod addresses, with commas between them, for networks with the capability `ipRanges`. Kept for
   * the next start.
   */
  async setPodCidr(cidr: string): Promise<void> {
    const podCidrs = listOf(cidr);
    if (podCidrs.join() === this.podCidrs.join()) return;
    await this.options.podCidr.write(podCidrs.join());
    this.podCidrs = podCidrs;
  }

  /**
   * Gives a pod its interface `eth0`. On failure nothing is left of it, or an entry in the cache for what could not be
   * undone.
   * @returns its addresses, IPv4 first
   * @throws ShimError Unavailable while there is no network; a plugin's failure in the plugin's words
   */
  async attach(ctx: CallContext, pod: CniPod): Promise<readonly string[]> {
    const { network } = this.configuration.current;
    const trouble = this.trouble();
    if (network === undefined || trouble !== undefined) {
      throw new ShimError('Unavailable', trouble ?? 'there is no pod network');
    }
    try {
      const attachment = attachmentOf(pod, this.podCidrs);
      const addresses = await addToNetwork(this.plugins, this.cache, ctx, network, attachment, pod.netns);
      this.known.set(pod.sandboxId, addresses);
      return addresses;
    } catch (error) {
      this.status.ask();
      throw whileDoing(`attach pod ${pod.namespace}/${pod.name} to the network ${network.name}`, error);
    }
  }

  /**
   * Takes a pod off the network that it was attached to, whatever network is in force now; one that was never attached,
   * or has been taken off, is taken off the present one, if there is any, which changes nothing.
   * @throws ShimError when a plugin's DEL failed: what it needs is kept, and the same call is to be made again
   */
  async detach(ctx: CallContext, pod: CniPod): Promise<void> {
    const { network } = this.configuration.current;
    try {
      const netns = await existingNetns(pod.netns);
      const attachment = bareAttachmentOf(pod);
      const cached = await this.cache.find(pod.sandboxId, POD_INTERFACE);
      const fallback = { attachment, network };
      for (const one of cached) await deleteCached(this.plugins, this.cache, ctx, one, netns, fallback);
      if (cached.length === 0 && network !== undefined) {
        await deleteFromNetwork(this.plugins, ctx, network, { attachment, netns, prevResult: undefined });
      }
      await this.cache.removeLoopback(pod.sandboxId);
    } catch (error) {
      throw whileDoing(`take pod ${pod.namespace}/${pod.name} off its network`, error);
    } finally {
      this.known.delete(pod.sandboxId);
    }
  }

  /**
   * CHECK, which plugins know since 0.4.0: whether the pod's interface is as ADD made it. A network that can't be
   * checked, or doesn't want to be, passes.
   * @throws ShimError with the words of the plugin that found a difference
   */
  async check(ctx: CallContext, pod: CniPod): Promise<void> {
    try {
      for (const cached of await this.cache.find(pod.sandboxId, POD_INTERFACE)) {
        const network = networkOf(cached, this.configuration.current.network);
        if (network.disableCheck || !isAtLeast(network.cniVersion, '0.4.0')) continue;
        const prevResult = keptResult(network, cached.result);
        const target = { attachment: cached.attachment ?? bareAttachmentOf(pod), netns: pod.netns, prevResult };
        for (const plugin of network.plugins) await this.plugins.ask(ctx, 'CHECK', network, plugin, target);
      }
    } catch (error) {
      throw whileDoing(`check the network of pod ${pod.namespace}/${pod.name}`, error);
    }
  }

  /** Whether there is something of the pod to be taken off a network: an attachment, or one that was cut off. */
  async knows(sandboxId: string): Promise<boolean> {
    return (await this.cache.find(sandboxId, POD_INTERFACE)).length > 0;
  }

  /** A pod's addresses, IPv4 first, as ADD answered them, also before this process started; none when it did not. */
  async addresses(sandboxId: string): Promise<readonly string[]> {
    const known = this.known.get(sandboxId);
    if (known !== undefined) return known;
    const cached = await this.cache.find(sandboxId, POD_INTERFACE);
    const addresses = cached.flatMap(({ result }) => (result === undefined ? [] : addressesOf(result, POD_INTERFACE)));
    // A pod that is being attached has none yet.
    if (addresses.length > 0) this.known.set(sandboxId, addresses);
    return addresses;
  }

  /** The sandboxes of Kubernetes' pods that there is something of to be taken off a network. */
  async knownPods(): Promise<readonly string[]> {
    return podsAmong(await this.cache.all());
  }

  /**
   * Asks the plugins to free what belongs to no live pod. Nothing may be attached meanwhile. What fails is logged, and left
   * for the next time.
   */
  async collectGarbage(ctx: CallContext, live: readonly LiveAttachment[]): Promise<void> {
    const { network } = this.configuration.current;
    if (network === undefined) return;
    await askToCollect(this.plugins, ctx, network, live).catch((error: unknown) => {
      ctx.log.warn('the pod network did not free what nobody uses', { error: messageOf(error) });
    });
  }

  private trouble(): string | undefined {
    return configurationTrouble(this.options.confDir, this.configuration.current, this.podCidrs);
  }
}

function listOf(cidrs: string): string[] {
  return cidrs.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));
}
