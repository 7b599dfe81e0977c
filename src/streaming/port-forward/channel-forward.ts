import { pipeline } from 'node:stream/promises';
import type { CallContext } from '../../lib/call-context';
import type { DialPod, PortForwardSession } from '../port-forward';
import type { ChannelOutput } from '../web-socket/channel-output';
import type { PortInput } from './port-input';
import { refusalText } from './refusal';

/** The channels of one port. */
export interface PortChannels {
  readonly port: number;
  /** Destroyed when the client has gone. */
  readonly input: PortInput;
  readonly output: ChannelOutput;
  readonly error: ChannelOutput;
}

/** Connects a port, once, and carries its bytes until the pod has said all. What goes wrong is told on `error`. */
export async function forwardChannels(
  dial: DialPod,
  session: PortForwardSession,
  { port, input, output, error }: PortChannels,
  ctx: CallContext,
): Promise<void> {
  const name = Buffer.alloc(2);
  name.writeUInt16LE(port);
  output.write(name);
  error.write(name);
  try {
    const socket = await dial(session.sandboxId, port, ctx);
    input.once('close', () => socket.destroy());
    input.pipe(socket);
    await pipeline(socket, output, { signal: ctx.signal });
    socket.destroySoon();
  } catch (failure) {
    if (!ctx.signal.aborted) error.write(refusalText(session, port, failure));
  } finally {
    // What the client still sends here is thrown away: waiting for a reader, it would hold up the other ports for ever.
    input.unpipe().resume();
  }
}
