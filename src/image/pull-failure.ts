import { kindOf, messageOf, ShimError, type ErrorKind } from '../lib/errors';

/**
 * What Docker's words about a failed pull mean. Its HTTP status says little: an unreachable registry and bad
 * credentials are both 500, and once the pull has begun there is only a line of text. The first match counts.
 */
const MEANINGS: readonly { readonly words: RegExp; readonly kind: ErrorKind; readonly advice: string }[] = [
  {
    words: /too ?many ?requests|rate limit/i,
    kind: 'ResourceExhausted',
    advice: 'log in to the registry, or wait until it takes requests again',
  },
  { words: /no space left on device/i, kind: 'ResourceExhausted', advice: "free space on Docker's disk" },
  {
    words: /x509:|HTTP response to HTTPS client/i,
    kind: 'FailedPrecondition',
    advice:
      "make dockerd trust the registry: its CA under /etc/docker/certs.d, or insecure-registries in dockerd's configuration",
  },
  {
    words:
      /no such host|server misbehaving|connection refused|connection reset|network is unreachable|no route to host/i,
    kind: 'Unavailable',
    advice: 'check that this node reaches the registry',
  },
  {
    words: /timeout|deadline exceeded|request canceled|unexpected EOF|: EOF|HTTP status: 5\d\d|service unavailable/i,
    kind: 'Unavailable',
    advice: "check the registry's health and the way to it",
  },
  {
    words:
      /denied|unauthorized|forbidden|no basic auth credentials|authentication required|authorization failed|incorrect username or password/i,
    kind: 'PermissionDenied',
    advice: 'check that the repository exists and that the pull secret opens it',
  },
  {
    words: /manifest unknown|name unknown|no matching manifest|not found/i,
    kind: 'NotFound',
    advice: "check the name, the tag and this node's platform",
  },
];

/** The failure of a pull with its meaning. What the engine's connection failed of stays what it is. */
export function pullFailure(image: string, error: unknown): ShimError {
  const said = messageOf(error);
  // Names and URLs have a slash; what they are called is no reason.
  const reason = said.replace(/\S*\/\S*/g, '');
  const meaning = MEANINGS.find(({ words }) => words.test(reason));
  if (kindOf(error) === 'Unavailable' || meaning === undefined) {
    return new ShimError(kindOf(error), `cannot pull ${image}: ${said}`, error);
  }
  return new ShimError(meaning.kind, `cannot pull ${image}: ${said}; ${meaning.advice}`, error);
}
