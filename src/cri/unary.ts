import type { handleUnaryCall, MethodDefinition, ServerUnaryCall } from '@grpc/grpc-js';
import type { CallContext } from '../lib/call-context';
import { messageOf } from '../lib/errors';
import { beginCall, type CallSurroundings } from './begin-call';
import type { ListVerb, Verb } from './call';
import { acceptable, encode } from './encode';

/**
 * A verb as grpc-js wants it. The only place that touches a callback: it is called exactly once, whatever the verb
 * does. The answer is encoded here, because grpc-js would not report a failure to encode it.
 */
export function unary<Request, Response extends object>(
  around: CallSurroundings,
  method: MethodDefinition<Request, Response>,
  verb: Verb<Request, Response> | ListVerb<Request, Response>,
): handleUnaryCall<Request, Buffer> {
  const answer = async (call: ServerUnaryCall<Request, Buffer>, ctx: CallContext): Promise<Buffer> =>
    acceptable(await encoded(method, verb(call.request, ctx)));
  return (call, callback) => {
    const begun = beginCall(around, method, call);
    const work = begun
      .inSpan(() => answer(call, begun.ctx))
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

/** Messages in a row are one message to protobuf, and its repeated field has the items of them all. */
async function encoded<Request, Response extends object>(
  method: MethodDefinition<Request, Response>,
  answer: Promise<Response> | AsyncIterable<Response>,
): Promise<Buffer> {
  if (!(Symbol.asyncIterator in answer)) return encode(method, await answer);
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(encode(method, part));
  return Buffer.concat(parts);
}
