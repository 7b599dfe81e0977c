import type { handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js';
import { kindOf, messageOf, ShimError } from '../lib/errors';
import type { Log } from '../lib/log';
import type { CriContext, CriVersion, Verb } from './call';
import { toGrpcStatus } from './status';

/** What wraps every call; made once for each version of the interface. */
export interface CallSurroundings {
  readonly api: CriVersion;
  readonly log: Log;
  /** A number for the log, another for each call. */
  readonly nextRequestId: () => number;
}

/**
 * A verb as grpc-js wants it. The only place that touches a callback: it is called exactly once, whatever the verb does.
 * The verb's signal aborts when the client cancels, disconnects, or its deadline passes. A failure is logged here, once.
 */
export function unary<Request, Response>(
  around: CallSurroundings,
  method: string,
  verb: Verb<Request, Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const log = around.log.with({ method, request: around.nextRequestId() });
    const { ctx, finish } = contextOf(call, around.api, log);
    const started = performance.now();
    const answer = async (): Promise<Response> => await verb(call.request, ctx);
    answer()
      .then(
        (response) => {
          finish();
          log.debug('answered', { ms: Math.round(performance.now() - started) });
          callback(null, response);
        },
        (error: unknown) => {
          finish();
          report(log, error, performance.now() - started);
          callback(toGrpcStatus(error));
        },
      )
      // A message that can't be encoded, or an answer to a stream that is gone: this call's trouble alone.
      .catch((error: unknown) => log.error('the answer could not be sent', { error: messageOf(error) }));
  };
}

function contextOf<Request, Response>(
  call: ServerUnaryCall<Request, Response>,
  api: CriVersion,
  log: Log,
): { ctx: CriContext; finish: () => void } {
  const controller = new AbortController();
  const end = (): void => controller.abort(endOf(call.getDeadline()));
  call.once('cancelled', end);
  return { ctx: { signal: controller.signal, log, api }, finish: () => call.off('cancelled', end) };
}

/** grpc-js tells of a passed deadline and of a client that left by the same event. */
function endOf(deadline: Date | number): ShimError {
  return Number(deadline) <= Date.now()
    ? new ShimError('DeadlineExceeded', "the client's deadline has passed")
    : new ShimError('Cancelled', 'the client cancelled the call or has left');
}

/** What the client did wrong is its own affair; what failed here is for the operator. */
function report(log: Log, error: unknown, ms: number): void {
  const kind = kindOf(error);
  const fields = { kind, error: messageOf(error), ms: Math.round(ms) };
  if (kind === 'Internal') log.error('failed', { ...fields, stack: stackOf(error) });
  else if (kind === 'NotFound' || kind === 'Cancelled') log.debug('failed', fields);
  else log.warn('failed', fields);
}

/** Only of what nobody foresaw: a ShimError says all in its message. */
function stackOf(error: unknown): string | undefined {
  return error instanceof Error && !(error instanceof ShimError) ? error.stack : undefined;
}
