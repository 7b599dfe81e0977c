import type { Readable } from 'node:stream';
import { ShimError } from '../lib/errors';

/** No line of Docker's is near this long, in bytes; a longer one is nothing that Docker says. */
const LONGEST_LINE = 1024 * 1024;

/**
 * The lines of an answer without an end in sight (a pull, a load, events), one JSON object each, as they come. `T` is
 * what Docker says that they are.
 * @throws ShimError Internal on a line that is no JSON object or is too long; the stream's own error when it breaks.
 */
export async function* jsonLines<T extends object>(stream: Readable): AsyncGenerator<T> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream as AsyncIterable<string>) {
    rest += chunk;
    let end: number;
    while ((end = rest.indexOf('\n')) >= 0) {
      const line = rest.slice(0, end).trim();
      rest = rest.slice(end + 1);
      if (line !== '') yield parse(line) as T;
    }
    if (rest.length > LONGEST_LINE) throw new ShimError('Internal', 'docker sent a line without an end');
  }
  if (rest.trim() !== '') yield parse(rest) as T;
}

function parse(line: string): object {
  try {
    const said: unknown = JSON.parse(line);
    if (typeof said === 'object' && said !== null) return said;
  } catch {
    // It is refused below, like a word or a number.
  }
  throw new ShimError('Internal', `docker sent a line that is no JSON object: ${line.slice(0, 200)}`);
}
