import { messageOf } from '../../../lib/errors';
import type { Log } from '../../../lib/log';
import { readConfiguration, type Configuration } from './read-configuration';
import { DirectoryWatch } from './directory-watch';
import type { NetworkConfig } from './network-config';

/** An installer writes several files: what it does in so many milliseconds is looked at once. */
const DEBOUNCE_MS = 100;
/** For changes that no event tells of, such as those on a network file system, in milliseconds. */
const LOOK_AGAIN_MS = 30_000;

export interface ConfigurationWatchOptions {
  readonly confDir: string;
  readonly binDirs: readonly string[];
  readonly log: Log;
  /** Called when another network, or another text of it, is in force. */
  readonly onNetwork: (network: NetworkConfig | undefined) => void;
}

/** Keeps the configuration as the directories of configurations and of plugins have it. Runs no plugin. */
export class ConfigurationWatch {
  private configuration: Configuration = { network: undefined, file: undefined, problems: [] };
  /** What the log says of the present configuration. */
  private reported: string | undefined;
  private readonly watches: readonly DirectoryWatch[];
  private debounce: NodeJS.Timeout | undefined;
  private interval: NodeJS.Timeout | undefined;
  /** Readings come one after the other, so that an older one never wins. */
  private reading: Promise<void> = Promise.resolve();

  constructor(private readonly options: ConfigurationWatchOptions) {
    const soon = (): void => this.lookSoon();
    this.watches = [options.confDir, ...options.binDirs].map((directory) => new DirectoryWatch(directory, soon));
  }

  /** Reads the configuration and follows it from then on. */
  async start(): Promise<void> {
    this.interval = setInterval(() => void this.look(), LOOK_AGAIN_MS);
    this.interval.unref();
    await this.look();
  }

  stop(): void {
    clearInterval(this.interval);
    clearTimeout(this.debounce);
    this.interval = undefined;
    this.watches.forEach((watch) => watch.close());
  }

  get current(): Configuration {
    return this.configuration;
  }

  private lookSoon(): void {
    this.debounce ??= setTimeout(() => {
      this.debounce = undefined;
      void this.look();
    }, DEBOUNCE_MS);
  }

  private async look(): Promise<void> {
    this.reading = this.reading.then(() => this.read());
    await this.reading;
  }

  private async read(): Promise<void> {
    if (this.interval === undefined) return;
    // First the watches: a change that comes while reading is then looked at again.
    this.watches.forEach((watch) => watch.arm());
    const before = this.configuration;
    const now = await readConfiguration(this.options.confDir, this.options.binDirs);
    this.configuration = now;
    this.report(before, now);
    if (before.network?.text !== now.network?.text) {
      try {
        this.options.onNetwork(now.network);
      } catch (error) {
        this.options.log.error('a change of the pod network was not taken up', { error: messageOf(error) });
      }
    }
  }

  /** Every problem once, until it changes. */
  private report(before: Configuration, now: Configuration): void {
    const known = new Set(before.problems.map(({ file, why }) => `${file}\0${why}`));
    for (const { file, why } of now.problems) {
      if (!known.has(`${file}\0${why}`)) this.options.log.warn('a CNI configuration is passed over', { file, why });
    }
    const { network, file } = now;
    const report = `${file ?? ''}\0${network?.text ?? ''}`;
    if (report === this.reported) return;
    this.reported = report;
    if (network !== undefined) this.options.log.info('the pod network is configured', { network: network.name, file });
    else this.options.log.warn('the node has no pod network', { dir: this.options.confDir });
  }
}
