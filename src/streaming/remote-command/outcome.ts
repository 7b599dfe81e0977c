import { messageOf } from '../../lib/errors';
import type { RemoteCommandSession } from '../remote-command';

/** How a session ended: with the exit code of its command, or with an error of ours. */
export type Outcome = { readonly exitCode: number } | { readonly error: unknown };

/** The form in which a client wants it: a Kubernetes Status as JSON (from version 4 on) or a sentence. */
export type OutcomeForm = 'status' | 'text';

/**
 * The bytes for the error stream. In the older form success has no bytes. No bytes mean success in every version, so a
 * failure always has some.
 */
export function encodeOutcome(outcome: Outcome, kind: RemoteCommandSession['kind'], form: OutcomeForm): Buffer {
  const status = statusOf(outcome, kind);
  return Buffer.from(form === 'status' ? JSON.stringify(status) : (status.message ?? ''));
}

/** The part of metav1.Status that clients read. `causes[].reason` is the type of the cause, of which ExitCode counts. */
interface Status {
  readonly metadata: object;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes: readonly { readonly reason?: string; readonly message: string }[] };
  readonly code?: number;
}

function statusOf(outcome: Outcome, kind: RemoteCommandSession['kind']): Status {
  if ('error' in outcome) {
    const doing = kind === 'exec' ? 'error executing command in container' : 'error attaching to container';
    const message = `${doing}: ${messageOf(outcome.error)}`;
    return {
      metadata: {},
      status: 'Failure',
      message: `Internal error occurred: ${message}`,
      reason: 'InternalError',
      details: { causes: [{ message }] },
      code: 500,
    };
  }
  if (outcome.exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${outcome.exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(outcome.exitCode) }] },
  };
}
