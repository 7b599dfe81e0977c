import { answerToError, connectionError, DockerAnswer } from '../../../src/docker/errors';

test.each([
  [400, 'invalid reference format', 'InvalidArgument'],
  [404, 'No such container: x', 'NotFound'],
  [409, 'Conflict. The container name "/x" is already in use by container "0a1b2c".', 'AlreadyExists'],
  [409, 'The container name "/x" is already in use by container 0a1b2c.', 'AlreadyExists'],
  [409, 'cannot remove a running container', 'FailedPrecondition'],
  [500, 'something went wrong', 'Internal'],
  [500, 'Multiple IDs found with provided prefix: 0a', 'InvalidArgument'],
  [501, 'not supported', 'Unimplemented'],
  [503, 'shutting down', 'Unavailable'],
  [418, 'a teapot', 'Internal'],
])('HTTP %i, “%s”, is %s', (status, said, kind) => {
  const error = answerToError(status, ` ${said}\n`);
  expect(error).toBeInstanceOf(DockerAnswer);
  expect(error).toMatchObject({ kind, status, message: `docker: ${said}` });
});

test.each([
  ['ENOENT', /^no Docker Engine listens on \/run\/d.sock: start it/],
  ['ECONNREFUSED', /^the Docker Engine on \/run\/d.sock is not running: start it/],
  ['EACCES', /^not allowed to connect to the Docker Engine on \/run\/d.sock: run as root/],
  ['EPERM', /^not allowed to connect to the Docker Engine on \/run\/d.sock: run as root/],
  ['EAGAIN', /^the Docker Engine on \/run\/d.sock takes no more connections/],
  ['EMFILE', /^cannot connect to the Docker Engine on \/run\/d.sock: connect EMFILE/],
])('a connection that fails with %s is Unavailable, and says what to do', (code, sentence) => {
  const cause = Object.assign(new Error(`connect ${code} /run/d.sock`), { code, syscall: 'connect' });
  const error = connectionError('/run/d.sock', cause);
  expect(error).toMatchObject({ kind: 'Unavailable', message: expect.stringMatching(sentence), cause });
});
