import { createApp } from '../app';
import type { Config } from '../config/config';
import { messageOf } from '../lib/errors';
import { createLog } from '../telemetry/log';

/**
 * Serves until a signal comes, and answers the exit status.
 * @param connectorCommand starts netns-connector.ts as a process of its own.
 * @param ended resolves with the name of the signal that asks the shim to end.
 */
export async function serve(
  config: Config,
  connectorCommand: readonly string[],
  ended: Promise<string>,
): Promise<number> {
  const log = createLog({ level: config.logLevel, format: config.logFormat });
  const app = await createApp(config, connectorCommand, log, dieAt(process.env['DOCKERSHIM_DIE_AT']));
  try {
    await app.start();
  } catch (error) {
    log.error('can not serve', { error: messageOf(error) });
    return 1;
  }
  log.info('serving CRI', { endpoints: config.endpoints.join(' '), docker: config.dockerSocket });
  const signal = await ended;
  log.info('ending, the pods go on', { signal });
  await app.stop();
  return 0;
}

/** For tests of what a crash leaves: the process kills itself when a sandbox has come to this step (sandbox/steps.ts). */
function dieAt(fatal: string | undefined): (step: string) => void {
  return (step) => {
    if (step === fatal) process.kill(process.pid, 'SIGKILL');
  };
}
