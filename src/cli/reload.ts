import { changesBetween } from '../config/changes';
import type { Settings } from '../config/settings';
import { messageOf } from '../lib/errors';
import type { Log } from '../lib/log';

interface Needs {
  /** Reads the configuration anew. */
  readonly load: () => Promise<Settings>;
  /** Puts settings into effect; only those that may change while the shim runs differ from the last ones. */
  readonly apply: (settings: Settings) => void;
  readonly log: Log;
}

/** The configuration of a running shim, which SIGHUP has read anew. */
export class Reloading {
  private underWay: Promise<void> | undefined;
  private askedAgain = false;

  /** @param settings those in effect */
  constructor(
    private readonly needs: Needs,
    private settings: Settings,
  ) {}

  /** Never fails: a faulty configuration is logged, and the old one stays in effect. */
  reload(): Promise<void> {
    // A file that is written while it is read is read once more.
    if (this.underWay !== undefined) this.askedAgain = true;
    this.underWay ??= this.untilSettled().finally(() => (this.underWay = undefined));
    return this.underWay;
  }

  private async untilSettled(): Promise<void> {
    do {
      this.askedAgain = false;
      await this.once();
    } while (this.askedAgain);
  }

  private async once(): Promise<void> {
    const { log, load, apply } = this.needs;
    let read: Settings;
    try {
      read = await load();
    } catch (error) {
      log.error('the configuration is not read anew, the old one stays', { error: messageOf(error) });
      return;
    }
    const { now, later, settings } = changesBetween(this.settings, read);
    this.settings = settings;
    apply(settings);
    log.info('read the configuration anew', { changed: now.length, waiting: later.length });
    for (const change of now) log.info('an option has changed', { ...change });
    for (const change of later) log.warn('an option waits for a restart; pods go on during one', { ...change });
  }
}
