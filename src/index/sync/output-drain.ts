import type { CallContext } from '../../lib/call-context';

/**
 * What carries containers' output to their logs. Before the index shows that a container has ended, it waits until its
 * output is in its log: who learns of the end finds the last line there.
 */
export interface OutputDrain {
  /**
   * Settles when all that the container has written is in its log, at once when nobody carries it. The context ends
   * soon. When that comes first, or the promise rejects, the index logs it and shows the end all the same.
   */
  drained(containerId: string, ctx: CallContext): Promise<void>;
}
