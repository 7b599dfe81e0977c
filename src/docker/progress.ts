import type { Readable } from 'node:stream';
import { ShimError } from '../lib/errors';
import type { PullProgress } from './types';

/** No line of Docker's progress is near this long, in bytes; a longer one is no progress. */
const LONGEST_LINE = 1024 * 1024;

/**
 * The lines of a pull or load, one JSON object each, as they come.
 * @throws ShimError Internal on a line that is no JSON object or is too long; the stream's own error when it breaks.
 */
export async function* progressLines(stream: Readable): AsyncGenerator<PullProgress> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream as AsyncIterable<string>) {
    rest += chunk;
    let end: number;
    while ((end = rest.indexOf('\n')) >= 0) {
      const line = rest.slice(0, end).trim();
      rest = rest.slice(end + 1);
      if (line !== '') yield parse(line);
    }
    if (rest.length > LONGEST_LINE) throw new ShimError('Internal', 'docker sent a progress line without an end');
  }
  if (rest.trim() !== '') yield parse(rest);
}

function parse(line: string): PullProgress {
  try {
    const said: unknown = JSON.parse(line);
    if (typeof said === 'object' && said !== null) return said;
  } catch {
    // It is refused below, like a word or a number.
  }
  throw new ShimError('Internal', `docker sent progress that is no JSON object: ${line.slice(0, 200)}`);
}
