import {
  ifFound,
  isNotFound,
  kindOf,
  messageOf,
  ShimError,
  StandingRefusal,
  whileDoing,
} from '../../../src/lib/errors';

const NOT_FOUND = new ShimError('NotFound', 'no such pod');

it.each([
  [NOT_FOUND, 'NotFound', 'no such pod'],
  [new Error('boom'), 'Internal', 'boom'],
  ['a word', 'Internal', 'a word'],
  [undefined, 'Internal', 'undefined'],
  [null, 'Internal', 'null'],
])('%p is of kind %s and says %j', (thrown, kind, message) => {
  expect(kindOf(thrown)).toBe(kind);
  expect(messageOf(thrown)).toBe(message);
  expect(isNotFound(thrown)).toBe(kind === 'NotFound');
});

it('what there is not is an answer, and every other failure stays one', async () => {
  expect(await ifFound(Promise.resolve('pod'))).toBe('pod');
  expect(await ifFound(Promise.reject(NOT_FOUND))).toBeUndefined();
  await expect(ifFound(Promise.reject(new Error('boom')))).rejects.toThrow('boom');
});

it('one level up the kind stays, the sentence grows and the cause is kept', () => {
  const error = whileDoing('stop the pod', NOT_FOUND);
  expect(error).toBeInstanceOf(ShimError);
  expect(error).toMatchObject({ name: 'ShimError', kind: 'NotFound', message: 'stop the pod: no such pod' });
  expect(error.cause).toBe(NOT_FOUND);
});

it('a refusal that stands does so one level up', () => {
  const error = whileDoing('reopen the log', new StandingRefusal('FailedPrecondition', 'there is none'));
  expect(error).toBeInstanceOf(StandingRefusal);
  expect(error.message).toBe('reopen the log: there is none');
  expect(whileDoing('stop the pod', NOT_FOUND)).not.toBeInstanceOf(StandingRefusal);
});

it('an error without a cause has none', () => {
  expect(Object.hasOwn(NOT_FOUND, 'cause')).toBe(false);
});
