import type { Socket } from 'node:net';
import type { CallContext } from '../../lib/call-context';
import { messageOf, ShimError } from '../../lib/errors';
import { carry } from '../carry';
import type { DialPod, PortForwardSession } from '../port-forward';
import { refusalText } from './refusal';
import type { PairTaker, StreamPair } from './stream-pairs';

/** Once the pod has said all, a client that was silent for so long is told that the connection is over, in ms. */
const LINGER_MS = 1_000;

/**
 * Connects a client to the port of the pod, and carries the bytes until both sides have said all. It connects at once: a
 * client opens its second stream only when the first is granted, and that takes about as long as to connect.
 */
export function forward(dial: DialPod, session: PortForwardSession, port: number, ctx: CallContext): PairTaker {
  const gone = new AbortController();
  const leave = (): void => gone.abort(new ShimError('Cancelled', 'the client has ended the connection'));
  const dialing = dial(session.sandboxId, port, { signal: gone.signal, log: ctx.log });
  // A refusal waits for the pair, to be told there.
  dialing.catch(() => undefined);

  async function serve({ error, data }: StreamPair): Promise<void> {
    data.once('close', leave);
    if (data.destroyed) leave();
    try {
      await join(await dialing, { error, data }, ctx);
      error.end();
    } catch (failure) {
      if (!gone.signal.aborted) ctx.log.info('a port could not be forwarded', { port, error: messageOf(failure) });
      error.end(refusalText(session, port, failure));
      data.reset();
    }
  }

  return {
    take(pair) {
      serve(pair).catch((error: unknown) => {
        ctx.log.error('forwarding a port failed', { port, error: messageOf(error) });
      });
    },
    giveUp() {
      leave();
      void dialing.then(
        (socket) => socket.destroy(),
        () => undefined,
      );
    },
  };
}

/** Carries bytes both ways; each side may end its half. Resolves when the connection to the pod has closed. */
function join(socket: Socket, { error, data }: StreamPair, ctx: CallContext): Promise<void> {
  return new Promise((resolve) => {
    let linger: NodeJS.Timeout | undefined;
    const leave = (): void => void socket.destroy();
    socket.once('end', () => {
      linger = whenSilent(socket, () => error.end());
    });
    socket.once('close', () => {
      clearInterval(linger);
      ctx.signal.removeEventListener('abort', leave);
      // A client that is still sending learns that nobody listens, after it has got what the pod said to its end.
      if (data.writableEnded && !data.writableFinished) data.once('finish', () => data.reset());
      else if (!data.readableEnded || !data.writableEnded) data.reset();
      resolve();
    });
    data.once('close', () => {
      // What the client said to its end may still be on its way to the pod.
      if (!data.readableEnded || !data.writableFinished) leave();
    });
    ctx.signal.addEventListener('abort', leave, { once: true });
    if (ctx.signal.aborted || data.destroyed) return leave();
    carry(socket, data);
    carry(data, socket);
  });
}

/**
 * Older clients keep their connection open after the pod's end, and pass that end on only with the error stream's:
 * whoever waits for it would wait for ever. But a client that is still sending is heard out first.
 */
function whenSilent(socket: Socket, then: () => void): NodeJS.Timeout {
  let written = socket.bytesWritten;
  const timer = setInterval(() => {
    if (socket.bytesWritten === written) {
      clearInterval(timer);
      then();
    }
    written = socket.bytesWritten;
  }, LINGER_MS);
  return timer;
}
