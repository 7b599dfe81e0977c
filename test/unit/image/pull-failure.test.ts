import { answerToError } from '../../../src/docker/errors';
import { pullFailure } from '../../../src/image/pull-failure';
import { ShimError } from '../../../src/lib/errors';

/** Words of Docker 20.10 and later. */
it.each([
  [404, 'manifest for r.io/x:1 not found: manifest unknown: manifest unknown', 'NotFound'],
  [404, 'manifest for r.io/forbidden/timeout:1 not found: manifest unknown', 'NotFound'],
  [500, 'no matching manifest for linux/arm64 in the manifest list entries', 'NotFound'],
  [404, "pull access denied for x, repository does not exist or may require 'docker login'", 'PermissionDenied'],
  [500, 'Head "https://r.io/v2/x/manifests/1": unauthorized: incorrect username or password', 'PermissionDenied'],
  [500, 'Get "http://r.io/v2/x/manifests/1": no basic auth credentials', 'PermissionDenied'],
  [500, 'error from registry: incorrect username or password', 'PermissionDenied'],
  [500, 'toomanyrequests: You have reached your pull rate limit', 'ResourceExhausted'],
  [500, 'write /var/lib/docker/tmp/GetImageBlob1: no space left on device', 'ResourceExhausted'],
  [500, 'Get "https://r.io/v2/": dial tcp: lookup r.io on 10.0.0.1:53: no such host', 'Unavailable'],
  [500, 'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused', 'Unavailable'],
  [500, 'Get "https://r.io/v2/": net/http: TLS handshake timeout', 'Unavailable'],
  [500, 'received unexpected HTTP status: 502 Bad Gateway', 'Unavailable'],
  [500, 'Get "https://r.io/v2/": x509: certificate signed by unknown authority', 'FailedPrecondition'],
  [500, 'Get "https://r.io/v2/": http: server gave HTTP response to HTTPS client', 'FailedPrecondition'],
  [400, 'invalid reference format', 'InvalidArgument'],
  [500, 'filesystem layer verification failed', 'Internal'],
])('%i %s: %s', (status, words, kind) => {
  const failure = pullFailure('r.io/x:1', answerToError(status, words));

  expect(failure).toMatchObject({ kind });
  expect(failure.message).toContain('cannot pull r.io/x:1');
  expect(failure.message).toContain(words);
});

it('leaves a lost engine what it is', () => {
  const lost = new ShimError('Unavailable', 'no Docker Engine listens on /run/denied.sock: start it');
  expect(pullFailure('x', lost).message).not.toContain('pull secret');
});
