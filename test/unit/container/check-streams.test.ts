import { checkStreams } from '../../../src/container/check-streams';
import { refusal } from '../../support/refusal';

const none = { tty: false, stdin: false, stdout: false, stderr: false };

it.each([
  [{ stdin: true }],
  [{ stdout: true }],
  [{ stderr: true }],
  [{ stdin: true, stdout: true, stderr: true }],
  [{ tty: true, stdin: true, stdout: true }],
])('lets %j pass', (wanted) => {
  expect(() => checkStreams({ ...none, ...wanted })).not.toThrow();
});

it.each([
  [{}, 'InvalidArgument: stdin, stdout or stderr must be asked for'],
  [{ tty: true }, 'InvalidArgument: stdin, stdout or stderr must be asked for'],
  [{ tty: true, stdout: true, stderr: true }, 'InvalidArgument: stderr cannot be had apart from stdout with a tty'],
])('refuses %j', (wanted, why) => {
  expect(refusal(() => checkStreams({ ...none, ...wanted }))).toBe(why);
});
