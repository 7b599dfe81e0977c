import type { RemoteCommandSession } from '../../../../src/streaming/remote-command';
import { ExpectedStreams, expectedTypes } from '../../../../src/streaming/remote-command/expected-streams';
import { refusalOf } from '../../../support/refusal';

const exec = { kind: 'exec', containerId: 'c', command: ['x'] } as const;
const none = { tty: false, stdin: false, stdout: false, stderr: false };

it.each<[string, Partial<RemoteCommandSession>, 1 | 2 | 3 | 4, string[]]>([
  ['output alone', { stdout: true, stderr: true }, 4, ['error', 'stdout', 'stderr']],
  ['input alone', { stdin: true }, 4, ['error', 'stdin']],
  ['a terminal', { stdin: true, stdout: true, tty: true }, 4, ['error', 'stdin', 'stdout', 'resize']],
  ['a terminal of version 3', { stdout: true, tty: true }, 3, ['error', 'stdout', 'resize']],
  ['a terminal before there was resizing', { stdout: true, tty: true }, 2, ['error', 'stdout']],
])('expects for %s the streams of its version', (_what, streams, version, types) => {
  expect(expectedTypes({ ...exec, ...none, ...streams }, version)).toEqual(types);
});

it('gives up on streams that do not come, and names them', async () => {
  const expected = new ExpectedStreams(['error', 'stdin']);
  expect(await refusalOf(expected.complete(10))).toBe(
    'DeadlineExceeded: the client did not open its error, stdin stream within 0.01 s',
  );
});
