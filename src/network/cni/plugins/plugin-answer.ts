import { ShimError, type ErrorKind } from '../../../lib/errors';
import { isJsonObject, type JsonObject } from '../json';
import type { AddResult } from './result';
import type { PluginExit } from './run-plugin';

/** How much of what is no proper answer is quoted, in characters. */
const MAX_QUOTE = 500;

/** "Try again later"; and of STATUS, "not available" and "not available, and existing pods have limited connectivity". */
const PASSING_CODES: readonly unknown[] = [11, 50, 51];

/** The failure of a plugin, in its own words: its error object, or else what it printed. */
export function failureOf(exit: PluginExit): ShimError {
  const said = parsed(exit.stdout);
  if (said !== undefined && typeof said.msg === 'string') {
    const { code, msg, details } = said;
    const kind: ErrorKind = PASSING_CODES.includes(code) ? 'Unavailable' : 'Internal';
    const more = typeof details === 'string' && details !== '' ? `; ${details}` : '';
    return new ShimError(kind, `${quoted(`${msg}${more}`)} (CNI error ${String(code)})`);
  }
  const words = exit.stdout.trim() === '' ? exit.stderr.trim() : exit.stdout.trim();
  const how = exit.code === null ? 'it was killed' : `it exited with ${exit.code}`;
  return new ShimError('Internal', words === '' ? `${how} and said nothing` : `${how}: ${quoted(words)}`);
}

/**
 * The result of an ADD that succeeded. One that names no version has the configuration's, as for libcni.
 * @throws ShimError Internal when it is no result.
 */
export function parseResult(stdout: string, cniVersion: string): AddResult {
  const result = parsed(stdout);
  if (result === undefined) {
    const what = stdout.trim() === '' ? 'nothing' : quoted(stdout.trim());
    throw new ShimError('Internal', `it succeeded, but printed ${what}, which is no CNI result`);
  }
  const stated = result.cniVersion;
  return typeof stated === 'string' && stated !== '' ? result : { ...result, cniVersion };
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function quoted(text: string): string {
  return text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}…` : text;
}
