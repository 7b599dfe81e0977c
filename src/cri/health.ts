import {
  HealthCheckResponse_ServingStatus as Serving,
  type HealthCheckRequest,
  type HealthCheckResponse,
} from '../../generated/grpc/health/v1/health';
import { pause, withLimit, type CallContext } from '../lib/call-context';
import { ShimError } from '../lib/errors';
import { untilEnded } from '../lib/until-ended';
import type { StreamVerb, Verb } from './call';

/** An engine that takes longer to answer does not count as serving. */
const ANSWER_TIMEOUT_MS = 5_000;
/** Between two looks at the engine for those who watch. */
const WATCH_MS = 5_000;

/** The server as a whole; it answers, so it serves. */
const WHOLE = '';
const SERVICES = ['RuntimeService', 'ImageService'].flatMap((name) => [
  `runtime.v1.${name}`,
  `runtime.v1alpha2.${name}`,
]);

export interface HealthNeeds {
  /** Rejects while the engine does not answer. */
  readonly ready: (ctx: CallContext) => Promise<void>;
  /** Ends when the shim begins to. */
  readonly serving: Pick<CallContext, 'signal'>;
}

export interface HealthVerbs {
  readonly check: Verb<HealthCheckRequest, HealthCheckResponse>;
  readonly watch: StreamVerb<HealthCheckRequest, HealthCheckResponse>;
}

/**
 * gRPC's health protocol (grpc.health.v1): the services of CRI serve while the Docker Engine answers, the server as a whole
 * always, until it ends, and Watch with it. Check refuses a service that is not here with NotFound, Watch answers
 * SERVICE_UNKNOWN, as the protocol wants.
 */
export function healthVerbs(needs: HealthNeeds): HealthVerbs {
  const statusOf = async (service: string, ctx: CallContext): Promise<Serving> => {
    if (service === WHOLE) return Serving.SERVING;
    if (!SERVICES.includes(service)) return Serving.SERVICE_UNKNOWN;
    try {
      await withLimit(ctx, ANSWER_TIMEOUT_MS, 'the Docker Engine', (bounded) => needs.ready(bounded));
      return Serving.SERVING;
    } catch {
      return Serving.NOT_SERVING;
    }
  };
  return {
    async check({ service }, ctx) {
      const status = await statusOf(service, ctx);
      if (status !== Serving.SERVICE_UNKNOWN) return { status };
      throw new ShimError('NotFound', `there is no service ${JSON.stringify(service)} here: ${SERVICES.join(', ')}`);
    },
    async *watch({ service }, ctx) {
      let told: Serving | undefined;
      try {
        for (;;) {
          const status = await untilEnded(needs.serving, statusOf(service, ctx));
          if (status !== told) yield { status };
          told = status;
          await untilEnded(needs.serving, pause(ctx, WATCH_MS));
        }
      } catch (error) {
        // Whoever watches would hold up the end of the shim for as long as calls may go on.
        if (!needs.serving.signal.aborted) throw error;
      }
      if (told === Serving.SERVING) yield { status: Serving.NOT_SERVING };
    },
  };
}
