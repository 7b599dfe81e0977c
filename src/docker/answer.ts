import type { IncomingMessage } from 'node:http';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { ShimError } from '../lib/errors';

/** The longest answer that is read into memory, in bytes: a list of some tens of thousands of containers. */
const LONGEST_ANSWER = 128 * 1024 * 1024;
/** The most that is read of a refusal, in bytes. */
const LONGEST_REFUSAL = 64 * 1024;
/** The most that is quoted of a refusal that is not Docker's, such as a proxy's error page, in characters. */
const LONGEST_QUOTE = 300;

/**
 * Reads an answer to its end.
 * @throws ShimError Internal when it is longer than 128 MiB; Node's own error when the engine hangs up before the end.
 */
export async function wholeAnswer(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_ANSWER) {
      throw new ShimError('Internal', `docker's answer is longer than ${LONGEST_ANSWER} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Docker's words in a refusal, `{"message": "…"}`. Of anything else, such as a proxy's page, the status and how it
 * begins.
 * @throws Node's own error when the engine hangs up before the end.
 */
export async function wordsOfRefusal(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop closes the connection: the rest, if it ever ends, is of no interest.
    if (size >= LONGEST_REFUSAL) break;
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return (
    messageIn(text) ?? `HTTP status ${answer.statusCode} ${text.replace(/\s+/g, ' ').slice(0, LONGEST_QUOTE)}`.trim()
  );
}

function messageIn(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const said = typeof parsed === 'object' && parsed !== null && 'message' in parsed ? parsed.message : undefined;
    return typeof said === 'string' && said !== '' ? said : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The body as it comes. It breaks with what `tell` makes of the connection's error; destroyed, it closes the
 * connection.
 */
export function relayedBody(answer: IncomingMessage, tell: (error: Error) => Error): Readable {
  const body = new PassThrough({ destroy: (error, done) => done(error && tell(error)) });
  pipeline(answer, body, () => undefined);
  return body;
}
