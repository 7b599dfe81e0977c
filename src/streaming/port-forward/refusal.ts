import { messageOf } from '../../lib/errors';
import type { PortForwardSession } from '../port-forward';

/** What the client hears of a connection that can't be had, in the words of the predecessors: people search for them. */
export function refusalText({ sandboxId }: PortForwardSession, port: number, failure: unknown): string {
  return `error forwarding port ${port} to pod ${sandboxId}, uid : ${messageOf(failure)}`;
}
