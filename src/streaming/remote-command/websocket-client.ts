import type { WebSocket } from 'ws';
import type { CallContext } from '../../lib/call-context';
import { refuse } from '../http-answer';
import type { RemoteCommandSession, RemoteStreams } from '../remote-command';
import type { Upgrade } from '../upgrade';
import { decodeMessage } from '../web-socket/channel-message';
import { ChannelOutput } from '../web-socket/channel-output';
import { CloseCode, openWebSocket } from '../web-socket/open';
import { ChannelInput } from './channel-input';
import { Channel, chooseProtocol, type ChannelProtocol } from './channel-protocol';
import { encodeOutcome, type Outcome } from './outcome';
import { allWritten, patiently } from './patience';
import { LAST_WORDS_MS, LEAVE_TIMEOUT_MS, type RemoteClient } from './remote-client';
import { TerminalSizes } from './terminal-sizes';

/** Answers a client that wants WebSocket: takes it in, or refuses it and returns undefined. */
export function acceptWebSocket(
  session: RemoteCommandSession,
  upgrade: Upgrade,
  ctx: CallContext,
): RemoteClient | undefined {
  const protocol = chooseProtocol(upgrade);
  if (protocol === undefined) {
    // Without a text: clients that see it try again with SPDY.
    refuse(upgrade.socket, 403, '');
    return undefined;
  }
  const socket = openWebSocket(upgrade, protocol.name);
  if (socket === undefined) return undefined;
  const client = new WebSocketRemoteClient(session, protocol, socket, ctx);
  client.start();
  return client;
}

/** A client of exec or attach that has one WebSocket with a channel for each stream of the command. */
class WebSocketRemoteClient implements RemoteClient {
  private readonly stdin: ChannelInput;
  private readonly sizes = new TerminalSizes();
  private readonly stdout: ChannelOutput;
  private readonly stderr: ChannelOutput;
  private readonly error: ChannelOutput;
  private readonly gone: Promise<void>;
  private leave: () => void = () => undefined;
  private lastDataAt = performance.now();
  private finishing = false;

  constructor(
    private readonly session: RemoteCommandSession,
    private readonly protocol: ChannelProtocol,
    private readonly socket: WebSocket,
    private readonly ctx: CallContext,
  ) {
    this.stdin = new ChannelInput(socket);
    this.stdout = this.output(Channel.stdout);
    this.stderr = this.output(Channel.stderr);
    this.error = this.output(Channel.error);
    this.gone = new Promise((resolve) => (this.leave = resolve));
  }

  start(): void {
    this.socket.on('message', (message: Buffer) => this.receive(message));
    this.socket.on('error', (error) => this.ctx.log.debug('a WebSocket failed', { error: error.message }));
    this.socket.on('close', () => this.closed());
    // Clients take an empty message on the lowest channel that they hear for the sign that all is ready.
    const lowest = this.session.stdout ? this.stdout : this.session.stderr ? this.stderr : this.error;
    lowest.write(Buffer.alloc(0));
  }

  get idleMs(): number {
    return performance.now() - this.lastDataAt;
  }

  streams(): Promise<RemoteStreams> {
    const { stdin, stdout, stderr, tty } = this.session;
    return Promise.resolve({
      stdin: stdin ? this.stdin : undefined,
      stdout: stdout ? this.stdout : undefined,
      stderr: stderr && !tty ? this.stderr : undefined,
      sizes: tty ? this.sizes : undefined,
    });
  }

  async finish(outcome: Outcome): Promise<void> {
    this.finishing = true;
    this.sizes.end();
    // What the client still sends is read and thrown away, up to its answer to the close.
    this.stdin.resume();
    const bytes = encodeOutcome(outcome, this.session.kind, this.protocol.form);
    await patiently(this.ctx, allWritten([this.stdout.end(), this.stderr.end()]), { afterEndMs: LAST_WORDS_MS });
    if (bytes.length > 0) this.error.write(bytes);
    await patiently(this.ctx, allWritten([this.error.end()]), { afterEndMs: LAST_WORDS_MS });
    this.socket.close(CloseCode.normal);
    await patiently(this.ctx, this.gone, { ms: LEAVE_TIMEOUT_MS, afterEndMs: LAST_WORDS_MS });
    this.socket.terminate();
    await this.gone;
  }

  private output(channel: number): ChannelOutput {
    return new ChannelOutput(this.socket, this.protocol, channel, () => this.touch());
  }

  private receive(message: Buffer): void {
    this.touch();
    const { channel, payload } = decodeMessage(this.protocol, message) ?? {};
    if (payload === undefined || this.finishing) return;
    if (channel === Channel.stdin && this.session.stdin) this.stdin.receive(payload);
    else if (channel === Channel.resize && this.session.tty) this.sizes.push(payload);
    else if (channel === Channel.close && this.protocol.closes) this.endStream(payload);
  }

  /** Only standard input can be ended by the client: it has nothing to say on the other channels. */
  private endStream(payload: Buffer): void {
    if (payload.length !== 1) this.socket.close(CloseCode.protocolError, 'a close signal of the wrong length');
    else if (payload[0] === Channel.stdin) this.stdin.end();
  }

  private touch(): void {
    this.lastDataAt = performance.now();
  }

  private closed(): void {
    this.sizes.end();
    for (const stream of [this.stdin, this.stdout, this.stderr, this.error]) stream.destroy();
    this.leave();
  }
}
