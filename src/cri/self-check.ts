import { connect } from 'node:http2';
import { createConnection } from 'node:net';
import { ShimError } from '../lib/errors';

/** How long an answer may take, in milliseconds. */
const TIMEOUT_MS = 10_000;

/**
 * Whether the shim's own socket still brings clients to its gRPC server: connects as a client does, asks for
 * Version, and waits for an answer, whatever it says.
 * @throws ShimError Unavailable when it doesn't answer within ten seconds
 */
export function checkAnswers(socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const session = connect('http://localhost', { createConnection: () => createConnection(socketPath) });
    // The server looks at the first request before it lets a client in.
    const request = session.request({ ':method': 'POST', ':path': '/runtime.v1.RuntimeService/Version' });
    const end = (error?: Error): void => {
      clearTimeout(timer);
      session.destroy();
      if (error === undefined) resolve();
      else reject(new ShimError('Unavailable', `nothing answers on ${socketPath}: ${error.message}`, error));
    };
    const timer = setTimeout(() => end(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
    session.once('error', end);
    request.once('error', end);
    request.once('response', () => end());
    session.once('close', () => end(new Error('it hung up')));
    request.end();
  });
}
