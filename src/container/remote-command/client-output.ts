import type { Writable } from 'node:stream';

/** Parts that are shorter on average go out in one piece: each piece costs a frame or a message. */
const SHORT_PART = 4 * 1024;

/** An output stream of a command on its way to the client, which may want it or not. */
export class ClientOutput {
  private parts: Buffer[] = [];
  private length = 0;

  constructor(private readonly client: Writable | undefined) {}

  add(part: Buffer): void {
    if (this.client === undefined) return;
    this.parts.push(part);
    this.length += part.length;
  }

  /** Sends what was added. Answers whether the client takes more at once; one that is gone takes everything. */
  flush(): boolean {
    const { client, parts, length } = this;
    if (client === undefined || parts.length === 0) return true;
    this.parts = [];
    this.length = 0;
    if (client.destroyed) return true;
    const pieces = length < SHORT_PART * parts.length ? [Buffer.concat(parts, length)] : parts;
    return pieces.map((piece) => client.write(piece)).at(-1) ?? true;
  }

  /** Waits until the client takes more, or is gone. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      const { client } = this;
      if (client === undefined || client.destroyed || !client.writableNeedDrain) return resolve();
      const stop = (): void => {
        client.off('drain', stop).off('close', stop);
        resolve();
      };
      client.on('drain', stop).on('close', stop);
    });
  }
}
