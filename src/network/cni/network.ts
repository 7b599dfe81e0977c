import { NO_NETWORK } from '../../docker/network-mode';
import type { ContainerNetwork } from '../../docker/types';
import { withLimit, type CallContext } from '../../lib/call-context';
import { messageOf, ShimError, whileDoing } from '../../lib/errors';
import type { Log } from '../../lib/log';
import { Remembered } from '../../lib/remembered';
import { SharedLock } from '../../lib/shared-lock';
import { untilEnded } from '../../lib/until-ended';
import type { NetworkedPod } from '../pod';
import { NETWORK_READY, type NetworkCondition, type PodNetwork } from '../pod-network';
import { attachPod } from './attach';
import { attachmentOf, POD_INTERFACE } from './attachment/attachment';
import { checkPod } from './check';
import type { CniTools } from './cni-tools';
import { collectGarbage, hasGc } from './collect-garbage';
import { configurationTrouble } from './configuration/configuration-trouble';
import { ConfigurationWatch } from './configuration/configuration-watch';
import type { NetworkConfig } from './configuration/network-config';
import { detachPod } from './detach';
import { HeldNamespaces } from './held-namespaces';
import { mayHold } from './may-hold';
import { namespaceAddresses } from './namespace-addresses';
import { PluginRunner } from './plugins/plugin-runner';
import { PluginStatus } from './plugins/plugin-status';
import { addressesOf } from './plugins/result';
import { ResultCache } from './result-cache';

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
/** How long other pods wait for GC to begin, in milliseconds: a plugin that hangs at one pod must not hold up all. */
const GC_WAIT_MS = 2_000;
/** The kubelet's word for every way in which a pod network isn't there. */
const NOT_READY = 'NetworkPluginNotReady';

/**
 * Pods on a network of plugins of the Container Network Interface, of every version up to 1.1.0. Docker makes the
 * namespace, with nothing but loopback in it.
 */
export class CniNetwork implements PodNetwork {
  readonly dockerNetworkMode = NO_NETWORK;
  private readonly tools: CniTools;
  private readonly pluginStatus: PluginStatus;
  private readonly configuration: ConfigurationWatch;
  private podCidrs: readonly string[] = [];
  /** Shared by all who run ADD or DEL, held alone by GC: the specification has either the one or the others run. */
  private readonly gcLock = new SharedLock();
  /** Of pods that were attached or asked for since the start. An entry goes when its pod is taken off the network. */
  private readonly addressesBySandbox = new Remembered<readonly string[]>();
  /** The last pods that were taken off. */
  private readonly takenOff = new Remembered<true>();
  private readonly held = new HeldNamespaces();

  constructor(private readonly options: CniNetworkOptions) {
    const { confDir, binDirs, cacheDir, log, pluginTimeoutMs = PLUGIN_TIMEOUT_MS } = options;
    const plugins = new PluginRunner(binDirs, pluginTimeoutMs);
    this.tools = { plugins, cache: new ResultCache(cacheDir) };
    this.pluginStatus = new PluginStatus(plugins, log);
    const onNetwork = (network: NetworkConfig | undefined): void => this.pluginStatus.follow(network);
    this.configuration = new ConfigurationWatch({ confDir, binDirs, log, onNetwork });
  }

  /**
   * Reads the configuration and follows its changes; a directory that isn't there may come later. The plugins have a
   * moment to say whether they are ready, before a kubelet asks.
   */
  async start(): Promise<void> {
    this.podCidrs = listOf(await this.options.podCidr.read());
    await this.configuration.start();
    await this.pluginStatus.settle();
  }

  stop(): void {
    this.configuration.stop();
  }

  /** Starts no plugin, but for STATUS while the network is not ready. */
  condition(): NetworkCondition {
    const trouble = this.trouble() ?? this.pluginStatus.current();
    return trouble === undefined ? NETWORK_READY : { ready: false, reason: NOT_READY, message: trouble };
  }

  /** For networks with the capability `ipRanges`. Kept for the next start. */
  async setPodCidr(cidr: string): Promise<void> {
    const podCidrs = listOf(cidr);
    if (podCidrs.join() === this.podCidrs.join()) return;
    await this.options.podCidr.write(podCidrs.join());
    this.podCidrs = podCidrs;
  }

  /**
   * Gives a pod its interface `eth0`. On failure nothing is left of it, or an entry in the cache for what could not be
   * undone.
   * @throws ShimError Unavailable while there is no network; a plugin's failure in the plugin's words
   */
  async attach(ctx: CallContext, pod: NetworkedPod): Promise<void> {
    await this.gcLock.runShared(ctx, async () => {
      const network = this.usableNetwork();
      try {
        const attachment = attachmentOf(pod, this.podCidrs);
        const addresses = await attachPod(this.tools, ctx, network, { attachment, netns: pod.netns });
        this.addressesBySandbox.set(pod.sandboxId, addresses);
      } catch (error) {
        this.pluginStatus.ask();
        throw whileDoing(`attach ${nameOf(pod)} to the network ${network.name}`, error);
      }
    });
  }

  /** Of plugins that are not known to do without the pause container, `detach` has to be waited for. */
  async hold(ctx: CallContext, { sandboxId, netns }: NetworkedPod): Promise<boolean> {
    if (netns === '') return true;
    const allowed = await untilEnded(ctx, mayHold(this.tools, sandboxId, this.configuration.current.network));
    return allowed && this.held.hold(sandboxId, netns);
  }

  /**
   * Takes a pod off the network that it was attached to, whatever network is in force now; one that was never attached,
   * or has been taken off, is taken off the present one, if there is any, which changes nothing.
   * @throws ShimError when a plugin's DEL failed: what it needs is kept, and the same call is to be made again
   */
  async detach(ctx: CallContext, pod: NetworkedPod): Promise<void> {
    const { sandboxId } = pod;
    // StopPodSandbox has done it, and took the namespace too: RemovePodSandbox need not start the plugins once more.
    if (pod.netns === '' && this.takenOff.get(sandboxId) && !(await this.knows(sandboxId))) {
      this.held.release(sandboxId);
      return;
    }
    await this.gcLock.runShared(ctx, async () => {
      try {
        await detachPod(this.tools, ctx, pod, this.configuration.current.network, this.held.of(sandboxId, pod.netns));
        this.takenOff.set(sandboxId, true);
        this.held.release(sandboxId);
      } catch (error) {
        throw whileDoing(`take ${nameOf(pod)} off its network`, error);
      } finally {
        this.addressesBySandbox.delete(sandboxId);
      }
    });
  }

  async check(ctx: CallContext, pod: NetworkedPod): Promise<void> {
    try {
      await checkPod(this.tools, ctx, pod, this.configuration.current.network);
    } catch (error) {
      throw whileDoing(`check the network of ${nameOf(pod)}`, error);
    }
  }

  /** Whether there is an attachment to be undone, or one that was cut off. */
  async knows(sandboxId: string): Promise<boolean> {
    return (await this.tools.cache.find(sandboxId, POD_INTERFACE)).length > 0;
  }

  async knownSandboxes(): Promise<readonly string[]> {
    return await this.tools.cache.sandboxes();
  }

  async collectGarbage(ctx: CallContext, findLive: () => Promise<readonly string[]>): Promise<void> {
    // No pod is to wait for nothing.
    if (!hasGc(this.configuration.current.network)) return;
    const work = async (): Promise<void> => {
      const live = await findLive();
      const { network } = this.configuration.current;
      if (!hasGc(network)) return;
      await collectGarbage(this.tools.plugins, ctx, network, live).catch((error: unknown) => {
        ctx.log.warn('the pod network did not free what nobody uses', { error: messageOf(error) });
      });
    };
    // The limit is the waiting's alone: the work goes on in the context of the call.
    await withLimit(ctx, GC_WAIT_MS, 'waiting for ADD and DEL of other pods', (waiting) =>
      this.gcLock.runAlone(waiting, work),
    );
  }

  /** The addresses that ADD answered; for a pod that another program attached, those that the kernel has. */
  async addresses(sandbox: ContainerNetwork): Promise<readonly string[]> {
    const answered = this.addressesBySandbox.get(sandbox.Id) ?? (await this.cachedAddresses(sandbox.Id));
    return answered.length > 0 ? answered : namespaceAddresses(sandbox.State.Pid, POD_INTERFACE);
  }

  /** Those that ADD answered before this process started; none when it did not. */
  private async cachedAddresses(sandboxId: string): Promise<readonly string[]> {
    const cached = await this.tools.cache.find(sandboxId, POD_INTERFACE);
    const addresses = cached.flatMap(({ result }) => (result === undefined ? [] : addressesOf(result, POD_INTERFACE)));
    // A pod that is being attached has none yet.
    if (addresses.length > 0) this.addressesBySandbox.set(sandboxId, addresses);
    return addresses;
  }

  /** @throws ShimError Unavailable while there is none */
  private usableNetwork(): NetworkConfig {
    const { network } = this.configuration.current;
    const trouble = this.trouble();
    if (network !== undefined && trouble === undefined) return network;
    throw new ShimError('Unavailable', trouble ?? 'there is no pod network');
  }

  private trouble(): string | undefined {
    return configurationTrouble(this.options.confDir, this.configuration.current, this.podCidrs);
  }
}

function nameOf({ namespace, name }: NetworkedPod): string {
  return `pod ${namespace}/${name}`;
}

function listOf(cidrs: string): string[] {
  return cidrs.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));
}
