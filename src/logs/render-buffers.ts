/** The most that is read of a log at once, in bytes. Docker cuts lines at 16 KiB, of which JSON makes 96 at the most. */
export const BATCH_BYTES = 256 * 1024;
/** The renderer reads and writes whole words, and a content before it knows how long its head will be. */
const SLACK = 64;

/** A piece of Docker's log, and the lines that are made of it. */
export interface RenderBuffers {
  /** Bytes of the input that may be filled. */
  readonly capacity: number;
  readonly input: Buffer;
  readonly inputView: DataView;
  readonly output: Buffer;
  readonly outputView: DataView;
}

export function renderBuffers(capacity = BATCH_BYTES): RenderBuffers {
  const input = Buffer.allocUnsafeSlow(capacity + SLACK);
  const output = Buffer.allocUnsafeSlow(capacity + SLACK);
  return { capacity, input, inputView: new DataView(input.buffer), output, outputView: new DataView(output.buffer) };
}

/**
 * A few pairs of buffers for all containers: so many are read at once, and the others wait their turn. A pair is made
 * when it is first needed.
 */
export class BufferPool {
  private readonly free: RenderBuffers[] = [];
  private readonly waiting: ((buffers: RenderBuffers) => void)[] = [];
  private made = 0;

  constructor(private readonly most: number) {}

  async use<T>(work: (buffers: RenderBuffers) => Promise<T>): Promise<T> {
    const buffers = await this.take();
    try {
      return await work(buffers);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free.push(buffers);
      else next(buffers);
    }
  }

  private take(): RenderBuffers | Promise<RenderBuffers> {
    const free = this.free.pop();
    if (free !== undefined) return free;
    if (this.made === this.most) return new Promise((resolve) => this.waiting.push(resolve));
    this.made += 1;
    return renderBuffers();
  }
}
