import { ShimError } from '../lib/errors';

/** The oldest Docker API that the shim speaks: Docker 20.10. */
export const OLDEST_API = '1.41';
/** The newest Docker API that the shim was tried with; a newer engine is spoken to in this one. */
export const NEWEST_API = '1.51';

/** Compares two Docker API versions, `major.minor`: negative, zero or positive. */
export function compareApiVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}

/**
 * The version to speak with an engine that offers `newest` down to `oldest`.
 * @throws ShimError FailedPrecondition when the engine is too old or too new for this shim, or does not say its
 * version.
 */
export function negotiateApiVersion(offer: { newest: string | undefined; oldest: string | undefined }): string {
  if (offer.newest === undefined || !/^\d+\.\d+$/.test(offer.newest)) {
    throw new ShimError(
      'FailedPrecondition',
      `what answers on the socket is no Docker Engine: the API version that it gives is ${JSON.stringify(offer.newest)}`,
    );
  }
  if (compareApiVersions(offer.newest, OLDEST_API) < 0) {
    throw new ShimError(
      'FailedPrecondition',
      `this Docker Engine speaks API ${offer.newest} at most; dockershim needs ${OLDEST_API} (Docker 20.10) or later: upgrade the engine`,
    );
  }
  if (offer.oldest !== undefined && compareApiVersions(offer.oldest, NEWEST_API) > 0) {
    throw new ShimError(
      'FailedPrecondition',
      `this Docker Engine speaks API ${offer.oldest} at least; this dockershim knows ${NEWEST_API} at most: upgrade dockershim`,
    );
  }
  return compareApiVersions(offer.newest, NEWEST_API) < 0 ? offer.newest : NEWEST_API;
}
