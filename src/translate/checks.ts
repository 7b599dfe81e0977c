import { ShimError } from '../lib/errors';

/** The checks that several messages share. Each throws ShimError InvalidArgument with the field's name. */

// The point of the pattern is control characters.
const CONTROL = new RegExp('[\\u0000-\\u001f\\u007f]');
/** Larger ones would come out as another user, root perhaps, in the kernel's 32 bits (CVE-2024-40635). */
export const LARGEST_USER_ID = 2_147_483_647n;

export function invalid(field: string, what: string): ShimError {
  return new ShimError('InvalidArgument', `${field} ${what}`);
}

/** Control characters would end a line in resolv.conf or hosts, or a path early. */
export function checkNoControl(field: string, text: string): void {
  if (CONTROL.test(text)) throw invalid(field, 'has a control character');
}

/**
 * A part of a Docker container name. The underscore separates the parts; the other characters are those that Docker
 * takes. Kubernetes' own names have neither underscores nor others.
 */
export function checkNamePart(field: string, text: string): void {
  if (!/^[a-zA-Z0-9.-]*$/.test(text))
    throw invalid(field, `may only have letters, digits, "." and "-", not ${JSON.stringify(text)}`);
}

/**
 * A container or sandbox id, or a beginning of one. Docker would take a name here, which might be somebody else's.
 */
export function checkId(field: string, id: string): void {
  if (id === '') throw invalid(field, 'is missing');
  if (!/^[0-9a-f]{1,64}$/.test(id)) {
    throw new ShimError(
      'NotFound',
      `there is no container with the id ${JSON.stringify(id.slice(0, 80))}: ids are hexadecimal`,
    );
  }
}

/** A container id in full. */
export function isWholeId(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}

/** A user or group id that the kernel takes. */
export function checkUserId(field: string, id: bigint): void {
  if (id < 0n || id > LARGEST_USER_ID) throw invalid(field, `must be between 0 and ${LARGEST_USER_ID}, not ${id}`);
}

export function checkAbsolutePath(field: string, path: string): void {
  if (path === '') throw invalid(field, 'is missing');
  checkNoControl(field, path);
  if (!path.startsWith('/')) throw invalid(field, `must be an absolute path, not ${JSON.stringify(path)}`);
}

export function unimplemented(field: string, why: string): ShimError {
  return new ShimError('Unimplemented', `${field}: ${why}`);
}
