import { status } from '@grpc/grpc-js';
import { kindOf, messageOf, type ErrorKind } from '../lib/errors';

/** The gRPC code of each kind of failure: the one place where they meet. */
const CODES: Readonly<Record<ErrorKind, status>> = {
  NotFound: status.NOT_FOUND,
  AlreadyExists: status.ALREADY_EXISTS,
  InvalidArgument: status.INVALID_ARGUMENT,
  PermissionDenied: status.PERMISSION_DENIED,
  FailedPrecondition: status.FAILED_PRECONDITION,
  ResourceExhausted: status.RESOURCE_EXHAUSTED,
  DeadlineExceeded: status.DEADLINE_EXCEEDED,
  Cancelled: status.CANCELLED,
  Unavailable: status.UNAVAILABLE,
  Unimplemented: status.UNIMPLEMENTED,
  Internal: status.INTERNAL,
};

/**
 * In characters. gRPC sends the message in a header, in up to nine bytes a character, and clients take 64 KiB of
 * headers.
 */
const LONGEST_MESSAGE = 4000;

/** Half a character, which the header's encoding refuses: part of a message that was cut, or of a client's bytes. */
const LONE_SURROGATES = /\p{Surrogate}/gu;

/** What a client is told of a thrown value. */
export function toGrpcStatus(error: unknown): { code: status; details: string } {
  const message = messageOf(error);
  const details = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
  return { code: CODES[kindOf(error)], details: details.replace(LONE_SURROGATES, '\ufffd') };
}
