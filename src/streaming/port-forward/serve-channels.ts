import type { RawData, WebSocket } from 'ws';
import type { IdleContext } from '../idle';
import type { DialPod, PortForwardSession } from '../port-forward';
import { decodeMessage, type ChannelForm } from '../web-socket/channel-message';
import { ChannelOutput } from '../web-socket/channel-output';
import { CloseCode } from '../web-socket/open';
import { WebSocketValve } from '../web-socket/valve';
import { forwardChannels, type PortChannels } from './channel-forward';
import { PortInput } from './port-input';

/** How long the client may take to answer the close, in milliseconds. */
const CLOSE_TIMEOUT_MS = 3_000;

/**
 * Forwards each port of the session once, over the channels that WebSocket clients had before SPDY went through
 * WebSocket: for the i-th port, 2i for its data and 2i + 1 for what goes wrong. They can't say that one side is done: a
 * connection ends when the pod ends it, and the last one ends the WebSocket.
 */
export async function serveChannels(
  dial: DialPod,
  session: PortForwardSession,
  socket: WebSocket,
  form: ChannelForm,
  ctx: IdleContext,
): Promise<void> {
  let lastDataAt = performance.now();
  const touch = (): void => void (lastDataAt = performance.now());
  const valve = new WebSocketValve(socket);
  const output = (channel: number): ChannelOutput => new ChannelOutput(socket, form, channel, touch);
  const ports = session.ports.map((port, index): PortChannels => ({
    port,
    input: new PortInput(valve),
    output: output(2 * index),
    error: output(2 * index + 1),
  }));
  const leave = (): void => socket.terminate();
  ctx.signal.addEventListener('abort', leave, { once: true });
  if (ctx.signal.aborted) leave();
  socket.on('error', (error) => ctx.log.debug('a WebSocket failed', { error: error.message }));
  socket.on('message', (message: RawData) => {
    touch();
    const { channel = 1, payload } = decodeMessage(form, message as Buffer) ?? {};
    if (payload !== undefined && channel % 2 === 0) ports[channel / 2]?.input.receive(payload);
  });
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      for (const { input } of ports) input.destroy();
      resolve();
    });
  });
  ctx.watch({
    get idleMs() {
      return performance.now() - lastDataAt;
    },
  });
  await Promise.all(ports.map((channels) => forwardChannels(dial, session, channels, ctx)));
  socket.close(CloseCode.normal);
  const impatience = setTimeout(leave, CLOSE_TIMEOUT_MS);
  await closed;
  clearTimeout(impatience);
  ctx.signal.removeEventListener('abort', leave);
}
