import { ShimError } from '../../../../src/lib/errors';
import { encodeOutcome, type Outcome } from '../../../../src/streaming/remote-command/outcome';
import { exitCodeIn } from '../../../support/remote-command-client';

const broken: Outcome = { error: new ShimError('Unavailable', 'docker has gone') };

describe('as a Status', () => {
  it.each([0, 1, 7, 126, 255])('tells the exit code %i', (exitCode) => {
    expect(exitCodeIn(encodeOutcome({ exitCode }, 'exec', 'status').toString())).toBe(exitCode);
  });

  it('has for a non-zero exit exactly the fields that clients read', () => {
    expect(JSON.parse(encodeOutcome({ exitCode: 7 }, 'exec', 'status').toString())).toEqual({
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: exit status 7',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    });
  });

  it('tells a failure of the shim without an exit code', () => {
    const text = encodeOutcome(broken, 'exec', 'status').toString();
    expect(JSON.parse(text)).toMatchObject({
      status: 'Failure',
      reason: 'InternalError',
      code: 500,
      message: 'Internal error occurred: error executing command in container: docker has gone',
    });
    expect(exitCodeIn(text)).toBeUndefined();
  });

  it('names attaching when it was that', () => {
    expect(encodeOutcome(broken, 'attach', 'status').toString()).toContain(
      'error attaching to container: docker has gone',
    );
  });
});

describe('as text', () => {
  it.each<[string, Outcome, string]>([
    ['nothing for success', { exitCode: 0 }, ''],
    ['a sentence for a non-zero exit', { exitCode: 7 }, 'command terminated with non-zero exit code: exit status 7'],
    [
      'a sentence for a failure',
      broken,
      'Internal error occurred: error executing command in container: docker has gone',
    ],
  ])('is %s', (_what, outcome, text) => {
    expect(encodeOutcome(outcome, 'exec', 'text').toString()).toBe(text);
  });
});
