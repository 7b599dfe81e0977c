import type { Config } from '../config/config';
import { healthVerbs } from '../cri/health';
import { CriServer } from '../cri/server';
import { background, type CallContext } from '../lib/call-context';
import { parseEndpoint } from '../lib/endpoint';
import { OperatorServer } from '../telemetry/operator-server';
import type { Parts } from './parts/build';
import { readings } from './readings';
import { containerVerbs } from './verbs/container-verbs';
import { imageVerbs } from './verbs/image-verbs';
import { nodeVerbs } from './verbs/node-verbs';
import { sandboxVerbs } from './verbs/sandbox-verbs';

/** What clients and operators ask; the streaming server is among the parts, since verbs answer its URLs. */
export function servers(config: Config, parts: Parts) {
  const { engine, telemetry, log } = parts;
  const ready = (ctx: CallContext) => engine.ping(ctx);
  const serving = background(log);
  const server = new CriServer({
    endpoints: config.endpoints.map(parseEndpoint),
    env: process.env,
    verbs: {
      runtime: { ...nodeVerbs(parts), ...sandboxVerbs(parts), ...containerVerbs(parts) },
      image: imageVerbs(parts),
      health: healthVerbs({ ready, serving }),
    },
    log,
    observer: telemetry.calls,
  });
  const instruments = [...telemetry.instruments, ...readings(parts)];
  const healthy = () => server.healthy();
  const operators =
    config.metricsAddress && new OperatorServer({ ...config.metricsAddress, instruments, healthy, ready, log });
  return { server, operators, serving };
}
