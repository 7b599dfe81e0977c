import type { handleUnaryCall, MethodDefinition, ServerUnaryCall } from '@grpc/grpc-js';
import { setMaxListeners } from 'node:events';
import { kindOf, messageOf, ShimError } from '../lib/errors';
import type { Log } from '../lib/log';
import type { CallObserver } from '../telemetry/observe-calls';
import type { CriContext, CriVersion, Verb } from './call';
import type { CallsUnderWay } from './calls-under-way';
import { toGrpcStatus } from './status';

/** Kubelet and crictl send and take at most this much in one message, in bytes. */
export const LARGEST_MESSAGE = 16 * 1024 * 1024;

/** What wraps every call; made once for each version of the interface. */
export interface CallSurroundings {
  readonly api: CriVersion;
  readonly log: Log;
  readonly calls: CallsUnderWay;
  /** Metrics and traces, when somebody wants them. */
  readonly observer: CallObserver | undefined;
}

/** A client and its own clock see a deadline pass up to so many milliseconds before ours does. */
const DEADLINE_SLACK_MS = 100;

/**
 * A verb as grpc-js wants it. The only place that touches a callback: it is called exactly once, whatever the verb
 * does. The verb's signal aborts when the client cancels, disconnects, or its deadline passes. A failure is logged
 * here, once; one to encode the answer too, which grpc-js would not tell of, so it gets the bytes.
 */
export function unary<Request, Response>(
  around: CallSurroundings,
  method: MethodDefinition<Request, Response>,
  verb: Verb<Request, Response>,
): handleUnaryCall<Request, Buffer> {
  const name = method.path.slice(method.path.lastIndexOf('/') + 1);
  const answer = async (call: ServerUnaryCall<Request, Buffer>, ctx: CriContext): Promise<Buffer> =>
    encoded(method, await verb(call.request, ctx));
  return (call, callback) => {
    const observed = around.observer?.began({ api: around.api, method: name, traceparent: traceparentOf(call) });
    const log = around.log.with({ method: name, request: around.calls.nextId(), trace: observed?.traceId });
    const { ctx, finish } = contextOf(call, around.api, log);
    const began = performance.now();
    const answering = observed === undefined ? answer(call, ctx) : observed.within(() => answer(call, ctx));
    const work = answering.then(
      (bytes) => {
        finish();
        observed?.ended({ code: 'OK' });
        log.debug('answered', { ms: since(began) });
        callback(null, bytes);
      },
      (error: unknown) => {
        finish();
        observed?.ended({ code: kindOf(error), failure: messageOf(error) });
        report(log, error, since(began));
        callback(toGrpcStatus(error));
      },
    );
    // A stream that went at the last moment: this call's trouble alone.
    around.calls.add(work.catch((error: unknown) => log.error('could not answer', { error: messageOf(error) })));
  };
}

/** W3C Trace Context: the caller's span, which a kubelet that traces sends. */
function traceparentOf(call: ServerUnaryCall<unknown, unknown>): string | undefined {
  const [sent] = call.metadata.get('traceparent');
  return typeof sent === 'string' ? sent : undefined;
}

/** @throws ShimError Internal for what is no such message, ResourceExhausted for what no client takes. */
function encoded<Request, Response>(method: MethodDefinition<Request, Response>, response: Response): Buffer {
  const bytes = encode(method, response);
  if (bytes.length <= LARGEST_MESSAGE) return bytes;
  throw new ShimError(
    'ResourceExhausted',
    `the answer has ${bytes.length} bytes, more than the ${LARGEST_MESSAGE} that clients take: ask for less, with a filter`,
  );
}

function encode<Request, Response>(method: MethodDefinition<Request, Response>, response: Response): Buffer {
  try {
    return method.responseSerialize(response);
  } catch (error) {
    throw new ShimError('Internal', `the answer can not be encoded: ${messageOf(error)}`, error);
  }
}

function contextOf<Request, Response>(
  call: ServerUnaryCall<Request, Response>,
  api: CriVersion,
  log: Log,
): { ctx: CriContext; finish: () => void } {
  const controller = new AbortController();
  // A verb may ask Docker for many things at once, each of which listens. That's no leak.
  setMaxListeners(0, controller.signal);
  const end = (): void => controller.abort(endOf(call.getDeadline()));
  call.once('cancelled', end);
  return { ctx: { signal: controller.signal, log, api }, finish: () => call.off('cancelled', end) };
}

/** grpc-js tells of a passed deadline and of a client that left by the same event. */
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
  else if (kind === 'NotFound' || kind === 'Cancelled') log.debug('failed', fields);
  else log.warn('failed', fields);
}

/** Only of what nobody foresaw: a ShimError says all in its message. */
function stackOf(error: unknown): string | undefined {
  return error instanceof Error && !(error instanceof ShimError) ? error.stack : undefined;
}

function since(began: number): number {
  return Math.round(performance.now() - began);
}
