import type { MethodDefinition } from '@grpc/grpc-js';
import type { CriClient } from '../support/cri-client';

/** Calls, and takes the answer's bytes as they are: what the client makes of them is not the runtime's time. */
export function undecoded<Request, Response>(
  cri: CriClient,
  method: MethodDefinition<Request, Response>,
  request: Request,
): Promise<Buffer> {
  const asBytes: MethodDefinition<Request, Buffer> = {
    ...method,
    responseSerialize: (bytes) => bytes,
    responseDeserialize: (bytes) => bytes,
  };
  return cri.call(asBytes, request);
}
