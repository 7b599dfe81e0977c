import { createToTheEnd, mayHaveCreated } from '../docker/create-container';
import type { Engine } from '../docker/engine';
import type { ContainerCreate } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { messageOf } from '../lib/errors';
import { bufferedLogConfig } from '../translate/log-config';

/** moby's words for a log that blocks, to which it has added its daemon.json's `max-buffer-size` itself. */
const REFUSES_TO_BLOCK = /max-buffer-size option is only supported with/;

const MAY_BE_DROPPED =
  "containers' output may be dropped when they write faster than it is read: max-buffer-size among the log-opts of docker's " +
  'daemon.json forbids logs that wait; take it out there and restart docker, or make it larger';

/**
 * Creates containers to the end (docker/create-container.ts), also on an engine that lets no log wait for its reader. It
 * does not say so before it refuses: /info does not have the options of its logs.
 */
export function createWithSpool(engine: Pick<Engine, 'createContainer'>) {
  let hasWarned = false;
  return async (ctx: CallContext, name: string, body: ContainerCreate): Promise<string> => {
    try {
      return await createToTheEnd(engine, ctx, name, body);
    } catch (error) {
      const { HostConfig: host } = body;
      const buffered = bufferedLogConfig(host.LogConfig);
      if (buffered === undefined || mayHaveCreated(error) || !REFUSES_TO_BLOCK.test(messageOf(error))) throw error;
      if (!hasWarned) ctx.log.warn(MAY_BE_DROPPED);
      hasWarned = true;
      return await createToTheEnd(engine, ctx, name, { ...body, HostConfig: { ...host, LogConfig: buffered } });
    }
  };
}
