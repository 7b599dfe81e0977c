import { invalid } from '../translate/checks';

/** The streams that an Exec or Attach asks for. */
export interface WantedStreams {
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/**
 * CRI, ExecRequest and AttachRequest: one stream at least, and no separate stderr with a terminal.
 * @throws ShimError InvalidArgument
 */
export function checkStreams({ tty, stdin, stdout, stderr }: WantedStreams): void {
  if (tty && stderr) throw invalid('stderr', 'cannot be had apart from stdout with a tty');
  if (!stdin && !stdout && !stderr) throw invalid('stdin, stdout or stderr', 'must be asked for');
}
