import { connect, createServer, type Server, type Socket } from 'node:net';
import { ENGINE_SOCKET } from './engine-under-test';

/** How much of a request is looked at, in bytes. */
const LONGEST_BEGINNING = 100;

/** A request that the door keeps from the engine. */
export interface HeldRequest {
  /** Settles when the request is here. */
  readonly arrived: Promise<void>;
  /** Settles when its sender has given it up. */
  readonly abandoned: Promise<void>;
  /** Lets it go on to the engine. */
  release(): void;
}

/**
 * A socket in front of the real engine that hands everything on, and can hold one request: so a test chooses at which step
 * of a call something else happens.
 */
export class EngineDoor {
  private readonly connections = new Set<Socket>();
  /** The last request of each sender, as it begins. */
  private readonly asked = new Map<Socket, string>();
  private refused: RegExp | undefined;
  private watch: { pattern: RegExp; hold: (sender: Socket) => Promise<void> } | undefined;

  private constructor(private readonly server: Server) {}

  static async open(socketPath: string): Promise<EngineDoor> {
    const server = createServer();
    const door = new EngineDoor(server);
    server.on('connection', (sender) => door.handOn(sender));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    return door;
  }

  /**
   * Holds the next request that begins so.
   * @param pattern of a request line, such as `/^POST \S+\/start/`
   */
  hold(pattern: RegExp): HeldRequest {
    let arrive!: () => void;
    let abandon!: () => void;
    let release!: () => void;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const abandoned = new Promise<void>((resolve) => (abandon = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    const hold = (sender: Socket): Promise<void> => {
      sender.once('close', abandon);
      arrive();
      return released;
    };
    this.watch = { pattern, hold };
    return { arrived, abandoned, release };
  }

  /** Ends the connections whose last request begins so. */
  cut(pattern: RegExp): void {
    for (const [sender, request] of this.asked) if (pattern.test(request)) sender.destroy();
  }

  /** From now on hangs up on requests that begin so; on none when nothing is given. */
  refuse(pattern?: RegExp): void {
    this.refused = pattern;
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private handOn(sender: Socket): void {
    const engine = connect(ENGINE_SOCKET);
    for (const [one, other] of [
      [sender, engine],
      [engine, sender],
    ] as const) {
      this.connections.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.connections.delete(one);
        other.destroy();
      });
    }
    engine.pipe(sender);
    // Node's client writes the head of a request at once, so it begins a chunk.
    sender.on('data', (chunk: Buffer) => {
      const { watch } = this;
      const begins = chunk.toString('latin1', 0, LONGEST_BEGINNING);
      this.asked.set(sender, begins);
      if (this.refused?.test(begins)) {
        sender.destroy();
        return;
      }
      if (watch === undefined || !watch.pattern.test(chunk.toString('latin1'))) {
        engine.write(chunk);
        return;
      }
      this.watch = undefined;
      sender.pause();
      void watch.hold(sender).then(() => {
        engine.write(chunk);
        sender.resume();
      });
    });
    sender.on('end', () => engine.end());
    sender.once('close', () => this.asked.delete(sender));
  }
}
