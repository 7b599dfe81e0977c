import { readFile, stat } from 'node:fs/promises';
import { messageOf, ShimError } from '../lib/errors';

/** Docker's own default profile has 14 kB; a file this long, in bytes, is something else. */
const LONGEST_PROFILE = 1024 * 1024;

/**
 * A seccomp profile from its file, as one line of JSON, with every key and number as the file has it: a number beyond 2^53,
 * which an argument of a system call may be, would come back from JSON.parse as another.
 * @throws ShimError InvalidArgument when the file is missing, too long or no JSON object.
 */
export async function readSeccompProfile(path: string): Promise<string> {
  try {
    const file = await stat(path);
    // A pipe would keep the call waiting, a device would never end.
    if (!file.isFile()) throw new Error('it is no file');
    if (file.size > LONGEST_PROFILE) throw new Error(`it has ${file.size} bytes`);
    const text = await readFile(path, 'utf8');
    const profile: unknown = JSON.parse(text);
    if (typeof profile !== 'object' || profile === null || Array.isArray(profile))
      throw new Error('it is no JSON object');
    return withoutWhiteSpace(text);
  } catch (error) {
    throw new ShimError('InvalidArgument', `seccomp profile ${path} cannot be used: ${messageOf(error)}`, error);
  }
}

/** What stands between the tokens of a JSON text; strings stay as they are. */
function withoutWhiteSpace(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_match, string: string | undefined) => string ?? '');
}
