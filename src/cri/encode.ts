import type { MethodDefinition } from '@grpc/grpc-js';
import { messageOf, ShimError } from '../lib/errors';

/** Kubelet and crictl send and take at most this much in one message, in bytes. */
export const LARGEST_MESSAGE = 16 * 1024 * 1024;

/** @throws ShimError Internal for what is no such message. */
export function encode<Request, Response>(method: MethodDefinition<Request, Response>, response: Response): Buffer {
  try {
    return method.responseSerialize(response);
  } catch (error) {
    throw new ShimError('Internal', `the answer cannot be encoded: ${messageOf(error)}`, error);
  }
}

/** An encoded answer, when clients take it. @throws ShimError ResourceExhausted otherwise. */
export function acceptable(bytes: Buffer): Buffer {
  if (bytes.length <= LARGEST_MESSAGE) return bytes;
  throw new ShimError(
    'ResourceExhausted',
    `the answer has ${bytes.length} bytes, more than the ${LARGEST_MESSAGE} that clients take: ask for less with a filter, or ` +
      'call the method that streams the same list',
  );
}
