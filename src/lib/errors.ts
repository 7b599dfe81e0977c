/**
 * The one error type of the shim. Rooms throw a `ShimError` whose kind says what went wrong in the interface's own
 * terms; `cri/status.ts` alone turns kinds into gRPC codes. The message is a sentence for the person who reads the
 * kubelet's event: what failed, on what, and what to do about it.
 */
export type ErrorKind =
  | 'NotFound'
  | 'AlreadyExists'
  | 'InvalidArgument'
  | 'FailedPrecondition'
  | 'PermissionDenied'
  | 'ResourceExhausted'
  | 'DeadlineExceeded'
  | 'Cancelled'
  | 'Unavailable'
  | 'Unimplemented'
  | 'Internal';

export class ShimError extends Error {
  readonly kind: ErrorKind;

  constructor(kind: ErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ShimError';
    this.kind = kind;
  }
}

/**
 * A refusal that is the state of things: whoever asks again gets it again, and there is nothing for an operator to do. So
 * the log has it at debug.
 */
export class StandingRefusal extends ShimError {}

/** The kind of any thrown value: its own for a ShimError, Internal for everything else. */
export function kindOf(error: unknown): ErrorKind {
  return error instanceof ShimError ? error.kind : 'Internal';
}

export function isNotFound(error: unknown): boolean {
  return kindOf(error) === 'NotFound';
}

/** What was asked for, or undefined when there is no such thing: a rejection with NotFound is an answer then. */
export async function ifFound<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The text of any thrown value, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The same failure one level up: the kind is kept, and whether it stands; the message says what was being done.
 * @example throw whileDoing('start container 3f2a', error)
 */
export function whileDoing(what: string, error: unknown): ShimError {
  const Same = error instanceof StandingRefusal ? StandingRefusal : ShimError;
  return new Same(kindOf(error), `${what}: ${messageOf(error)}`, error);
}
