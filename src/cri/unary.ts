import type { handleUnaryCall, MethodDefinition, ServerUnaryCall } from '@grpc/grpc-js';
import { messageOf } from '../lib/errors';
import { beginCall, type CallSurroundings } from './begin-call';
import type { CriContext, Verb } from './call';
import { acceptable, encode } from './encode';

/**
 * A verb as grpc-js wants it. The only place that touches a callback: it is called exactly once, whatever the verb
 * does. The answer is encoded here, because grpc-js would not report a failure to encode it.
 */
export function unary<Request, Response>(
  around: CallSurroundings,
  method: MethodDefinition<Request, Response>,
  verb: Verb<Request, Response>,
): handleUnaryCall<Request, Buffer> {
  const answer = async (call: ServerUnaryCall<Request, Buffer>, ctx: CriContext): Promise<Buffer> =>
    acceptable(encode(method, await verb(call.request, ctx)));
  return (call, callback) => {
    const begun = beginCall(around, method, call);
    const work = begun
      .within(() => answer(call, begun.ctx))
      .then(
        (bytes) => {
          begun.succeeded();
          callback(null, bytes);
        },
        (error: unknown) => callback(begun.failed(error)),
      );
    // The client's stream may be gone by now, which concerns this call alone.
    around.calls.add(
      work.catch((error: unknown) => begun.ctx.log.error('could not answer', { error: messageOf(error) })),
    );
  };
}
