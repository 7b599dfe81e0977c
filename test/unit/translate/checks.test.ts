import {
  checkAbsolutePath,
  checkId,
  checkNamePart,
  checkNoControl,
  checkUserId,
  isWholeId,
} from '../../../src/translate/checks';
import { refusal } from '../../support/refusal';

const ID = '0123456789abcdef'.repeat(4);

it.each(['\0', '\n', '\r', '\t', '\u001f', '\u007f'])('finds the control character %j', (character) => {
  expect(refusal(() => checkNoControl('a.field', `a${character}b`))).toBe(
    'InvalidArgument: a.field has a control character',
  );
});

it.each(['', 'a b', '~', 'ü', '日本'])('has nothing against %j', (text) => {
  expect(() => checkNoControl('a.field', text)).not.toThrow();
});

it.each(['', 'web', 'web-0.example', 'A9'])('%j can be a part of a name', (text) => {
  expect(() => checkNamePart('a.field', text)).not.toThrow();
});

it.each(['a_b', 'a/b', 'a b', 'a\n', '\na', 'ä', 'a:b'])('%j can be no part of a name', (text) => {
  expect(refusal(() => checkNamePart('a.field', text))).toMatch(/^InvalidArgument: a\.field may only have letters/);
});

it.each(['a', 'f00', ID])('%j can be an id, or the beginning of one', (id) => {
  expect(() => checkId('container_id', id)).not.toThrow();
});

it.each([
  ['', /^InvalidArgument: container_id is missing$/],
  ['web', /^NotFound: there is no container with the id "web"/],
  ['F00', /^NotFound: /],
  [`${ID}0`, /^NotFound: /],
  ['f00\n', /^NotFound: /],
  ['../f00', /^NotFound: /],
])('%j is no id', (id, sentence) => {
  expect(refusal(() => checkId('container_id', id))).toMatch(sentence);
});

it('shows a bounded part of what is no id', () => {
  expect(refusal(() => checkId('container_id', 'x'.repeat(10_000))).length).toBeLessThan(200);
});

it.each([
  [ID, true],
  [ID.slice(1), false],
  [`${ID}0`, false],
  [ID.toUpperCase(), false],
])('%s is a whole id: %p', (id, whole) => {
  expect(isWholeId(id)).toBe(whole);
});

it.each([0n, 1000n, 2_147_483_647n])('%p can be a user', (id) => {
  expect(() => checkUserId('run_as_user', id)).not.toThrow();
});

it.each([-1n, 2_147_483_648n, 4_294_967_296n, -(2n ** 63n), 2n ** 63n - 1n])('%p can be no user', (id) => {
  expect(refusal(() => checkUserId('run_as_user', id))).toBe(
    `InvalidArgument: run_as_user must be between 0 and 2147483647, not ${id}`,
  );
});

it.each([
  ['', 'InvalidArgument: a.path is missing'],
  ['etc', 'InvalidArgument: a.path must be an absolute path, not "etc"'],
  ['./etc', 'InvalidArgument: a.path must be an absolute path, not "./etc"'],
  ['/etc\0', 'InvalidArgument: a.path has a control character'],
])('%j is no absolute path', (path, sentence) => {
  expect(refusal(() => checkAbsolutePath('a.path', path))).toBe(sentence);
});

it('takes an absolute path', () => {
  expect(() => checkAbsolutePath('a.path', '/')).not.toThrow();
});
