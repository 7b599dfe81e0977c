import {
  clockFinding,
  nodeFinding,
  nsenterFinding,
  oomFinding,
  roomFinding,
  rootFinding,
} from '../../../src/doctor/check-host';

const NOON = Date.UTC(2026, 6, 1, 12);

it.each([
  ['v20.19.0', 'ok'],
  ['v20.18.3', 'problem'],
  ['v18.20.0', 'problem'],
  ['v24.1.0', 'ok'],
])('Node.js %s is %s', (version, level) => {
  expect(nodeFinding(version).level).toBe(level);
});

it('wants root', () => {
  expect(rootFinding(0).level).toBe('ok');
  expect(rootFinding(1000)).toMatchObject({ level: 'problem', says: 'user 1000' });
});

it('tells where no OOM score can be lowered', () => {
  expect(oomFinding(-1000).level).toBe('ok');
  expect(oomFinding(0)).toMatchObject({ level: 'warning', says: expect.stringMatching(/none below 0/) as string });
});

it('wants nsenter', () => {
  expect(nsenterFinding('/usr/bin/nsenter').level).toBe('ok');
  expect(nsenterFinding(undefined).level).toBe('problem');
});

it.each([
  ['the same', NOON, NOON + 20, NOON - 1e9, 'ok'],
  ['apart from the engine’s', NOON, NOON + 60_000, NOON - 1e9, 'warning'],
  ['before the program was made', NOON, NOON, NOON + 1e9, 'problem'],
])('a clock that is %s', (_, now, engine, made, level) => {
  expect(clockFinding(now, engine, made).level).toBe(level);
});

it('tells the room of the file system that a directory will be on', async () => {
  const finding = await roomFinding('the shim’s directory', '/proc/self/nothing/here');
  expect(finding.says).toMatch(/^the shim’s directory, \/proc\/self\/nothing\/here: [\d.]+ GiB free, \d+ %$/);
});
