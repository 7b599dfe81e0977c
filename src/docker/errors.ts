import { ShimError, type ErrorKind } from '../lib/errors';

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
      return conflictingName(words) ? 'AlreadyExists' : 'FailedPrecondition';
    case 501:
      return 'Unimplemented';
    case 503:
      return 'Unavailable';
    default:
      return 'Internal';
  }
}

/** The connection to the engine failed: nobody there, not allowed, or it hung up before its answer was complete. */
export function connectionError(socketPath: string, cause: Error): ShimError {
  const code = (cause as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT':
      return new ShimError(
        'Unavailable',
        `no Docker Engine listens on ${socketPath}: start it (systemctl start docker)`,
        cause,
      );
    case 'ECONNREFUSED':
      return new ShimError(
        'Unavailable',
        `the Docker Engine on ${socketPath} is not running: start it (systemctl start docker)`,
        cause,
      );
    case 'EACCES':
    case 'EPERM':
      return new ShimError(
        'Unavailable',
        `not allowed to connect to the Docker Engine on ${socketPath}: run as root or in the group docker`,
        cause,
      );
    default:
      return new ShimError(
        'Unavailable',
        `the Docker Engine on ${socketPath} hung up before it answered (${cause.message})`,
        cause,
      );
  }
}

/**
 * The id of the container that holds the name, from Docker's words about a name conflict:
 * `Conflict. The container name "/x" is already in use by container "<id>".`
 */
export function conflictingName(words: string): string | undefined {
  return /already in use by container "?([0-9a-f]+)"?/.exec(words)?.[1];
}
