import { createApp, type App } from '../app';
import type { Arguments } from '../config/arguments';
import { configOf } from '../config/config';
import { loadSettings } from '../config/load';
import { ServiceManager } from '../host/service-manager';
import { messageOf } from '../lib/errors';
import { createLog } from '../telemetry/log';
import { Reloading } from './reload';

/** What the process is told from outside. */
export interface Signals {
  /** Resolves with the name of the signal that asks the shim to end. */
  readonly ended: Promise<string>;
  /** Has `listener` called at every SIGHUP. */
  onHangup(listener: () => void): void;
}

/**
 * Serves until a signal comes, and answers the exit status.
 * @param connectorCommand starts netns-connector.ts as a process of its own.
 * @throws ShimError InvalidArgument naming what is wrong in the configuration.
 */
export async function serve(args: Arguments, connectorCommand: readonly string[], signals: Signals): Promise<number> {
  const { settings, file, warnings } = await loadSettings(args);
  let config = configOf(settings);
  const log = createLog({
    get level() {
      return config.logLevel;
    },
    get format() {
      return config.logFormat;
    },
  });
  for (const warning of warnings) log.warn(warning);
  const app: App = await createApp(config, connectorCommand, log, dieAt(process.env['DOCKERSHIM_DIE_AT']));
  const load = async () => (await loadSettings(args)).settings;
  const reloading = new Reloading(
    {
      load,
      apply: (changed) => {
        config = configOf(changed);
        app.reconfigure(config);
      },
      log,
    },
    settings,
  );
  signals.onHangup(() => void reloading.reload());
  try {
    await app.start();
  } catch (error) {
    log.error('cannot serve', { error: messageOf(error) });
    return 1;
  }
  const manager = new ServiceManager(process.env, log);
  manager.watch(() => app.healthy());
  await manager.ready();
  log.info('serving CRI', {
    endpoints: config.endpoints.join(' '),
    docker: config.dockerSocket,
    configuration: file,
  });
  const signal = await signals.ended;
  log.info('ending, the pods go on', { signal });
  await manager.stopping();
  await app.stop();
  return 0;
}

/** For tests of what a crash leaves: the process kills itself when a sandbox has come to this step (sandbox/steps.ts). */
function dieAt(fatal: string | undefined): (step: string) => void {
  return (step) => {
    if (step === fatal) process.kill(process.pid, 'SIGKILL');
  };
}
