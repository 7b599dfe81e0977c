import type { handleServerStreamingCall, MethodDefinition, ServerWritableStream } from '@grpc/grpc-js';
import type { CallContext } from '../lib/call-context';
import { messageOf } from '../lib/errors';
import { untilEnded } from '../lib/until-ended';
import { beginCall, type CallSurroundings } from './begin-call';
import type { StreamVerb } from './call';
import { encodedParts } from './encode-parts';

/**
 * A verb that answers in parts as grpc-js wants it. Each part is asked for when the one before has been sent: a client
 * that reads slowly holds up the verb, not the memory.
 */
export function serverStream<Request, Response extends object>(
  around: CallSurroundings,
  method: MethodDefinition<Request, Response>,
  verb: StreamVerb<Request, Response>,
): handleServerStreamingCall<Request, Buffer> {
  const send = async (call: ServerWritableStream<Request, Buffer>, ctx: CallContext): Promise<void> => {
    for await (const part of verb(call.request, ctx)) {
      // grpc-js does not call back for a client that has left.
      for (const bytes of encodedParts(method, part)) await untilEnded(ctx, sent(call, bytes));
    }
  };
  return (call) => {
    const begun = beginCall(around, method, call);
    const work = begun
      .inSpan(() => send(call, begun.ctx))
      .then(
        () => {
          begun.succeeded();
          call.end();
        },
        (error: unknown) => void call.emit('error', begun.failed(error)),
      );
    around.calls.add(
      work.catch((error: unknown) => begun.ctx.log.error('could not answer', { error: messageOf(error) })),
    );
  };
}

function sent(call: ServerWritableStream<unknown, Buffer>, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    call.write(bytes, (error: Error | null | undefined) => (error ? reject(error) : resolve()));
  });
}
