import type { Readable } from 'node:stream';
import { ShimError } from '../lib/errors';

/**
 * In characters. The longest lines are events, which have all labels of their container: what Kubernetes allows to be
 * annotated, 256 KiB, with up to six characters for each.
 */
const LONGEST_LINE = 4 * 1024 * 1024;

/**
 * The lines of an answer without an end in sight (a pull, a load, events), one JSON object each, as they come. `T` is
 * what Docker says that they are.
 * @throws ShimError Internal on a line that is no JSON object or is too long; the stream's own error when it breaks.
 */
export async function* jsonLines<T extends object>(stream: Readable): AsyncGenerator<T> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream as AsyncIterable<string>) {
    const [end = '', ...begun] = chunk.split('\n');
    rest += end;
    for (const next of begun) {
      if (rest.trim() !== '') yield parse(rest) as T;
      rest = next;
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
