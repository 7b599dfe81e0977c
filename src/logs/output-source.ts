import type { OutputPosition } from '../store/log-offsets';
import type { RenderBuffers } from './render-buffers';

/**
 * Where a container's output comes from. From one position on it gives the same lines every time, byte for byte, so that
 * what was written and not recorded before a crash can be told.
 */
export interface OutputSource {
  /** Goes to where it was after `position`; to the beginning without one. */
  seek(position: OutputPosition | undefined): Promise<void>;
  /** Renders the next whole lines into the output buffer, and answers how many bytes; 0 when there is nothing now. */
  read(buffers: RenderBuffers): Promise<number>;
  /** After what was read. */
  readonly position: OutputPosition | undefined;
  /** Whether the last read left something that is there already: it is to be read at once. */
  readonly more: boolean;
  /**
   * Whether it will ring when something new comes. When not, it is to be read again in a little while: it flows so fast
   * that a ring for each line would cost too much. Asked only when there is no more.
   */
  rings(): boolean;
  /** Bytes of the container's output, as Docker keeps it, that were not read yet; undefined where only Docker could tell. */
  behind(): Promise<number | undefined>;
  /** The container has ended: what is there now is all. */
  end(): void;
  /** Nothing more will come, unless the container is run again. */
  readonly finished: boolean;
  /** The container was removed, and its output with it. */
  readonly gone: boolean;
  close(): Promise<void>;
}
