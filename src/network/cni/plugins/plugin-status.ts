import { withDetached } from '../../../lib/call-context';
import { messageOf } from '../../../lib/errors';
import type { Log } from '../../../lib/log';
import type { NetworkConfig } from '../configuration/network-config';
import type { PluginRunner } from './plugin-runner';
import { isAtLeast } from '../configuration/spec-version';

/** A network that was not ready is asked again no sooner than after so many milliseconds. */
const ASK_AGAIN_MS = 5_000;
/** How long the whole chain may take to answer STATUS, in milliseconds. */
const ANSWER_TIMEOUT_MS = 30_000;

/**
 * What the plugins say to STATUS, which they know since 1.1.0. They are asked when the network changes and when an ADD
 * has failed; and, while they are not ready, when somebody wants to know. So an idle node starts no process.
 */
export class PluginStatus {
  private trouble: string | undefined;
  private network: NetworkConfig | undefined;
  private asking = false;
  private askedAt = -Infinity;

  constructor(
    private readonly plugins: PluginRunner,
    private readonly log: Log,
  ) {}

  /** Another network is in force. Until it has answered, it is not ready. */
  follow(network: NetworkConfig | undefined): void {
    this.network = network !== undefined && isAtLeast(network.cniVersion, '1.1.0') ? network : undefined;
    this.trouble =
      this.network && `the plugins of the network ${this.network.name} are being asked whether they are ready`;
    this.askedAt = -Infinity;
    this.ask();
  }

  /** Why the network isn't ready, in its plugins' words; undefined when it is. */
  current(): string | undefined {
    if (this.trouble !== undefined && performance.now() - this.askedAt > ASK_AGAIN_MS) this.ask();
    return this.trouble;
  }

  /** Asks in the background, one question at a time. */
  ask(): void {
    if (this.network === undefined || this.asking) return;
    this.asking = true;
    this.askedAt = performance.now();
    void this.answerOf(this.network).finally(() => (this.asking = false));
  }

  private async answerOf(network: NetworkConfig): Promise<void> {
    let trouble: string | undefined;
    try {
      await withDetached(this.log, ANSWER_TIMEOUT_MS, 'the answer', async (ctx) => {
        for (const plugin of network.plugins) await this.plugins.status(ctx, network, plugin);
      });
    } catch (error) {
      trouble = messageOf(error);
    }
    // The answer of a network that is no longer in force is dropped; `current` asks the new one.
    if (network !== this.network) return;
    if (trouble !== undefined && trouble !== this.trouble) this.log.warn('the pod network is not ready', { trouble });
    this.trouble = trouble;
  }
}
