import type { MethodDefinition } from '@grpc/grpc-js';
import { acceptable, encode } from './encode';

/** A part of a list is divided when it has more, in bytes: a quarter of what clients take in one message. */
const LARGE_PART = 4 * 1024 * 1024;

/**
 * A part of a streamed answer as the messages that it goes out in: one, or several when it is a list that is too large.
 * @throws ShimError as `encode` and `acceptable`, for a single item that no client takes.
 */
export function* encodedParts<Request, Response extends object>(
  method: MethodDefinition<Request, Response>,
  part: Response,
): Iterable<Buffer> {
  const bytes = encode(method, part);
  const halves = bytes.length > LARGE_PART ? halvesOf(part) : undefined;
  if (halves === undefined) yield acceptable(bytes);
  else for (const half of halves) yield* encodedParts(method, half);
}

/** Parts of lists have one field, which repeats. Undefined for other messages, and for a single item. */
function halvesOf<Part extends object>(part: Part): Part[] | undefined {
  const [[field, items] = [], ...others] = Object.entries(part) as [string, unknown][];
  if (field === undefined || others.length > 0 || !Array.isArray(items) || items.length < 2) return undefined;
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].map((half) => ({ ...part, [field]: half }));
}
