import { withDetached, type CallContext } from '../../../lib/call-context';
import { messageOf } from '../../../lib/errors';
import type { Log } from '../../../lib/log';
import { untilEnded } from '../../../lib/until-ended';
import type { NetworkConfig } from '../configuration/network-config';
import type { PluginRunner } from './plugin-runner';
import { isAtLeast } from '../configuration/spec-version';

/** A network that was not ready is asked again no sooner than after so many milliseconds. */
const ASK_AGAIN_MS = 5_000;
/** How long the whole chain may take to answer STATUS, in milliseconds. */
const ANSWER_TIMEOUT_MS = 30_000;
/** How long a starting shim waits for the first answer, in milliseconds. */
const FIRST_ANSWER_TIMEOUT_MS = 2_000;

/**
 * What the plugins say to STATUS, which they know since 1.1.0. They are asked when the network changes and when an ADD
 * has failed; and, while they are not ready, when somebody wants to know. So an idle node starts no process.
 */
export class PluginStatus {
  private trouble: string | undefined;
  private network: NetworkConfig | undefined;
  private asking = false;
  private answer: Promise<void> = Promise.resolve();
  private askedAt = -Infinity;

  constructor(
    private readonly plugins: PluginRunner,
    private readonly log: Log,
  ) {}

  /**
   * Another network, or another text of it, is in force. Until it has answered, it is as ready as the one before: a
   * change of a list must not take the node out of service. The first one that a node gets is not ready until then.
   */
  follow(network: NetworkConfig | undefined): void {
    const isFirst = this.network === undefined;
    this.network = network;
    if (!knowsStatus(network)) this.trouble = undefined;
    else if (isFirst)
      this.trouble = `the plugins of the network ${network.name} are being asked whether they are ready`;
    this.ask();
  }

  /**
   * Waits a moment for the plugins that are being asked when the shim starts. Those that take longer count as ready until
   * they have answered: most starts are restarts, on a node whose pods are on this network already.
   */
  async settle(): Promise<void> {
    const firstAnswer = (ctx: CallContext): Promise<void> => untilEnded(ctx, this.answer);
    try {
      await withDetached(this.log, FIRST_ANSWER_TIMEOUT_MS, 'the first answer to STATUS', firstAnswer);
    } catch (error) {
      this.log.debug('the pod network counts as ready until its plugins answer', { error: messageOf(error) });
      this.trouble = undefined;
    }
  }

  /** Why the network isn't ready, in its plugins' words; undefined when it is. */
  current(): string | undefined {
    if (this.trouble !== undefined && performance.now() - this.askedAt > ASK_AGAIN_MS) this.ask();
    return this.trouble;
  }

  /** Asks in the background, one question at a time. */
  ask(): void {
    if (!knowsStatus(this.network) || this.asking) return;
    this.asking = true;
    this.askedAt = performance.now();
    this.answer = this.takeAnswer(this.network);
  }

  private async takeAnswer(network: NetworkConfig): Promise<void> {
    await this.askPlugins(network);
    this.asking = false;
    if (network !== this.network) this.ask();
  }

  /** Never rejects. */
  private async askPlugins(network: NetworkConfig): Promise<void> {
    let trouble: string | undefined;
    try {
      await withDetached(this.log, ANSWER_TIMEOUT_MS, 'the answer', async (ctx) => {
        for (const plugin of network.plugins) await this.plugins.status(ctx, network, plugin);
      });
    } catch (error) {
      trouble = messageOf(error);
    }
    // The answer of a network that is no longer in force is dropped.
    if (network !== this.network) return;
    if (trouble !== undefined && trouble !== this.trouble) this.log.warn('the pod network is not ready', { trouble });
    this.trouble = trouble;
  }
}

function knowsStatus(network: NetworkConfig | undefined): network is NetworkConfig {
  return network !== undefined && isAtLeast(network.cniVersion, '1.1.0');
}
