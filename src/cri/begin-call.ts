import type { MethodDefinition, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { setMaxListeners } from 'node:events';
import type { CallContext } from '../lib/call-context';
import { kindOf, messageOf, ShimError, StandingRefusal } from '../lib/errors';
import type { Log } from '../lib/log';
import type { CallObserver } from '../telemetry/observe-calls';
import type { CallsUnderWay } from './calls-under-way';
import { toGrpcStatus } from './status';

/** What wraps every call. */
export interface CallSurroundings {
  readonly log: Log;
  readonly calls: CallsUnderWay;
  /** Metrics and traces, when somebody wants them. */
  readonly observer: CallObserver | undefined;
}

type Call<Request> = ServerUnaryCall<Request, Buffer> | ServerWritableStream<Request, Buffer>;

/** A call that is being carried out. It ends once, either way. */
export interface BegunCall {
  readonly ctx: CallContext;
  /** Runs the verb so that its requests to Docker are traced as this call's. */
  inSpan<T>(work: () => Promise<T>): Promise<T>;
  succeeded(): void;
  /** Logs the failure, and answers what the client is told of it. */
  failed(error: unknown): ReturnType<typeof toGrpcStatus>;
}

/** A client and its own clock see a deadline pass up to so many milliseconds before ours does. */
const DEADLINE_SLACK_MS = 100;

/** The context, the log and the observation of a call. Its signal aborts when the client cancels, leaves or is out of time. */
export function beginCall<Request, Response>(
  around: CallSurroundings,
  method: MethodDefinition<Request, Response>,
  call: Call<Request>,
): BegunCall {
  const name = method.path.slice(method.path.lastIndexOf('/') + 1);
  const observed = around.observer?.began({ path: method.path, traceparent: traceparentOf(call) });
  const log = around.log.with({ method: name, request: around.calls.nextId(), trace: observed?.traceId });
  const { ctx, finish } = contextOf(call, log);
  const began = performance.now();
  return {
    ctx,
    inSpan: (work) => (observed === undefined ? work() : observed.inSpan(work)),
    succeeded() {
      finish();
      observed?.ended({ code: 'OK' });
      log.debug('answered', { ms: since(began) });
    },
    failed(error) {
      finish();
      observed?.ended({ code: kindOf(error), failure: messageOf(error) });
      report(log, error, since(began));
      return toGrpcStatus(error);
    },
  };
}

/** W3C Trace Context: the caller's span, which a kubelet that traces sends. */
function traceparentOf({ metadata }: Pick<Call<unknown>, 'metadata'>): string | undefined {
  const [sent] = metadata.get('traceparent');
  return typeof sent === 'string' ? sent : undefined;
}

function contextOf<Request>(call: Call<Request>, log: Log): { ctx: CallContext; finish: () => void } {
  const controller = new AbortController();
  // A verb may ask Docker for many things at once, each of which listens. That's no leak.
  setMaxListeners(0, controller.signal);
  const end = (): void => controller.abort(endOf(call.getDeadline()));
  call.once('cancelled', end);
  return { ctx: { signal: controller.signal, log }, finish: () => call.off('cancelled', end) };
}

/** grpc-js has the same event for a passed deadline and for a client that left. */
function endOf(deadline: Date | number): ShimError {
  return Number(deadline) <= Date.now() + DEADLINE_SLACK_MS
    ? new ShimError('DeadlineExceeded', "the client's deadline has passed")
    : new ShimError('Cancelled', 'the client cancelled the call or has left');
}

/** What the client did wrong is its own affair; what failed here is for the operator. */
function report(log: Log, error: unknown, ms: number): void {
  const kind = kindOf(error);
  const fields = { kind, error: messageOf(error), ms };
  if (kind === 'Internal') log.error('failed', { ...fields, stack: stackOf(error) });
  else if (kind === 'NotFound' || kind === 'Cancelled' || error instanceof StandingRefusal) log.debug('failed', fields);
  else log.warn('failed', fields);
}

/** Only of what nobody foresaw: a ShimError says all in its message. */
function stackOf(error: unknown): string | undefined {
  return error instanceof Error && !(error instanceof ShimError) ? error.stack : undefined;
}

function since(began: number): number {
  return Math.round(performance.now() - began);
}
