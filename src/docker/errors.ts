import { ShimError, type ErrorKind } from '../lib/errors';

/** `Conflict. The container name "/x" is already in use by container "<id>".` Some engines leave the quotes out. */
const NAME_IS_TAKEN = /already in use by container "?[0-9a-f]/;

/** The engine said no: its HTTP status and its own words. */
export class DockerAnswer extends ShimError {
  readonly status: number;

  constructor(kind: ErrorKind, message: string, status: number) {
    super(kind, message);
    this.status = status;
  }
}

/**
 * What an HTTP status of the engine means in the interface's terms. Docker answers 500 for some things that are the
 * caller's doing; those are told apart where they are known, by the verb.
 */
export function answerToError(status: number, said: string): DockerAnswer {
  const words = said.trim() || `HTTP status ${status}`;
  return new DockerAnswer(kindOfStatus(status, words), `docker: ${words}`, status);
}

function kindOfStatus(status: number, words: string): ErrorKind {
  switch (status) {
    case 400:
      return 'InvalidArgument';
    case 404:
      return 'NotFound';
    case 409:
      return NAME_IS_TAKEN.test(words) ? 'AlreadyExists' : 'FailedPrecondition';
    case 501:
      return 'Unimplemented';
    case 503:
      return 'Unavailable';
    default:
      // Docker before 25 calls it an error of its own when an id's beginning is that of several.
      return /multiple IDs found with provided prefix/i.test(words) ? 'InvalidArgument' : 'Internal';
  }
}

/**
 * Whether the engine refused the API version of a request: it is not the engine that the version was negotiated with.
 */
export function refusesApiVersion(error: unknown): boolean {
  return (
    error instanceof DockerAnswer && error.status === 400 && /client version \S+ is too (new|old)/.test(error.message)
  );
}

/** The connection to the engine failed: nobody there, not allowed, or it broke before the answer was complete. */
export function connectionError(socketPath: string, cause: NodeJS.ErrnoException): ShimError {
  return new ShimError('Unavailable', whatFailed(socketPath, cause), cause);
}

function whatFailed(socketPath: string, cause: NodeJS.ErrnoException): string {
  switch (cause.code) {
    case 'ENOENT':
      return `no Docker Engine listens on ${socketPath}: start it (systemctl start docker)`;
    case 'ECONNREFUSED':
      return `the Docker Engine on ${socketPath} is not running: start it (systemctl start docker)`;
    case 'EACCES':
    case 'EPERM':
      return `not allowed to connect to the Docker Engine on ${socketPath}: run as root or in the group docker`;
    case 'EAGAIN':
      return `the Docker Engine on ${socketPath} takes no more connections: see whether it hangs (docker version)`;
    default:
      return whatBroke(socketPath, cause);
  }
}

function whatBroke(socketPath: string, cause: NodeJS.ErrnoException): string {
  if (cause.syscall === 'connect') return `cannot connect to the Docker Engine on ${socketPath}: ${cause.message}`;
  if (cause.code?.startsWith('HPE_')) {
    return `what answers on ${socketPath} does not speak HTTP as a Docker Engine does (${cause.message})`;
  }
  return `the connection to the Docker Engine on ${socketPath} was lost before its answer was complete (${cause.message})`;
}
