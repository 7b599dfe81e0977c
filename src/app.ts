import { buildParts } from './app/parts/build';
import { servers } from './app/servers';
import type { Config } from './config/config';
import { lockDirectories, type Unlock } from './host/directory-lock';
import { withDetached, type CallContext } from './lib/call-context';
import { messageOf } from './lib/errors';
import type { Log } from './lib/log';
import { Recovery } from './sandbox/recovery/recovery';
import type { OnStep } from './sandbox/steps';

/** The running shim: everything that `serve` starts, and how to stop it. */
export interface App {
  /** Serves. @throws ShimError naming the socket that can't be served, or the directory that another shim has. */
  start(): Promise<void>;
  /** Goes on with other settings, as far as they may change while it runs (`reloads` in config/options.ts). */
  reconfigure(config: Config): void;
  /** @throws ShimError when the shim's own sockets no longer bring clients to it */
  healthy(): Promise<void>;
  /** Ends in order: no new calls, those under way finish, what runs in the background stops. Pods go on. */
  stop(): Promise<void>;
}

/** How long the engine may take to say what it is, when nobody waits for it yet, in milliseconds. */
const FIRST_FACTS_MS = 10_000;

/**
 * Builds every part once. Nothing acts before `start`.
 * @param connectorCommand starts cli/netns-connector.ts as a process of its own.
 * @param onStep is called after every step of the verbs that make and unmake sandboxes.
 */
export async function createApp(
  config: Config,
  connectorCommand: readonly string[],
  log: Log,
  onStep: OnStep = () => undefined,
): Promise<App> {
  let current = config;
  let unlock: Unlock = () => Promise.resolve();
  const parts = await buildParts(() => current, connectorCommand, log, onStep);
  const { logs, cgroupKeeper, nodeIndex, cni, streaming } = parts;
  const { server, operators, serving } = servers(config, parts);
  const recovery = new Recovery(parts, log);
  return {
    async start() {
      // By what is in them recovery judges which pods have vanished: those of another engine would all have.
      const { rootDirectory, criDockerdRootDirectory, cniCacheDir } = config;
      unlock = await lockDirectories({ log }, [rootDirectory, criDockerdRootDirectory, cniCacheDir]);
      void askEarly(parts.facts, log);
      // Before the index, which shows no end of a container before its log is complete.
      logs.start();
      await cgroupKeeper.start();
      nodeIndex.start();
      if (config.networkPlugin === 'cni') await cni.start();
      await streaming.start();
      await server.start();
      recovery.start();
      const metricsUrl = await operators?.start();
      if (metricsUrl !== undefined) log.info('serving metrics', { url: metricsUrl });
    },
    reconfigure(changed) {
      current = changed;
    },
    healthy: () => server.healthy(),
    async stop() {
      recovery.stop();
      cgroupKeeper.stop();
      nodeIndex.stop();
      cni.stop();
      parts.containerMeter.stop();
      serving.stop();
      await server.stop(current.shutdownGraceMs);
      parts.kernelFiles.closeAll();
      await streaming.stop();
      await logs.stop();
      await parts.podDialer.close();
      parts.connection.close();
      parts.oomKills.close();
      await operators?.stop();
      await parts.telemetry.stop();
      await unlock();
    },
  };
}

/**
 * Asks the engine what it is while the rest starts: the first call needs it. Never rejects; without an engine the call
 * says so.
 */
async function askEarly(facts: (ctx: CallContext) => Promise<unknown>, log: Log): Promise<void> {
  try {
    await withDetached(log, FIRST_FACTS_MS, 'asking docker what it is', facts);
  } catch (error) {
    log.debug('docker is away', { error: messageOf(error) });
  }
}
