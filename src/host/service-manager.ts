import { execFile } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { messageOf } from '../lib/errors';
import type { Log } from '../lib/log';

/** A notification takes a moment; a systemd that hangs must not hold up the shim. */
const TIMEOUT_MS = 10_000;
/** A ping that found no process or file left is tried again so soon, in milliseconds, until the next one is due. */
const PING_AGAIN_MS = 5_000;

/**
 * Notifies systemd of the service's state (sd_notify(3)) when it asks for that, by NOTIFY_SOCKET in the environment. It
 * runs systemd-notify, since Node can't send datagrams to unix sockets: a short process at the start, at the end, and
 * for each watchdog ping.
 */
export class ServiceManager {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly log: Log,
  ) {}

  /** The service is up. */
  async ready(): Promise<void> {
    await this.tell('--ready', `MAINPID=${process.pid}`);
  }

  async stopping(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.tell('STOPPING=1');
  }

  /**
   * Pings systemd's watchdog three times as often as it asks for, as long as `healthy` resolves. Without pings systemd
   * restarts the service.
   */
  watch(healthy: () => Promise<void>): void {
    const microseconds = Number(this.env['WATCHDOG_USEC']);
    if (!this.isAsked() || !(microseconds > 0)) return;
    const everyMs = microseconds / 1000 / 3;
    this.timer = setInterval(() => void this.pingWatchdog(healthy, performance.now() + everyMs), everyMs);
    this.timer.unref();
  }

  private async pingWatchdog(healthy: () => Promise<void>, nextAt: number): Promise<void> {
    try {
      await healthy();
    } catch (error) {
      this.log.error('the shim does not answer: systemd will start it anew', { error: String(error) });
      return;
    }
    while (!(await this.tell('WATCHDOG=1')) && performance.now() + PING_AGAIN_MS < nextAt && this.timer !== undefined) {
      await setTimeout(PING_AGAIN_MS, undefined, { ref: false });
    }
  }

  private isAsked(): boolean {
    return this.env['NOTIFY_SOCKET'] !== undefined;
  }

  /** Whether there was nobody to tell, or it was told. Never rejects: the service works without its manager. */
  private async tell(...words: string[]): Promise<boolean> {
    if (!this.isAsked()) return true;
    try {
      await promisify(execFile)('systemd-notify', words, { env: this.env, timeout: TIMEOUT_MS });
      return true;
    } catch (error) {
      this.log.warn('systemd could not be told', { words: words.join(' '), error: messageOf(error) });
      return false;
    }
  }
}
