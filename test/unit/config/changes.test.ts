import { changesBetween } from '../../../src/config/changes';
import { settle, type GivenValue } from '../../../src/config/settings';

const of = (given: Partial<Record<GivenValue['option'], string>>) =>
  settle(
    Object.entries(given).map(([option, value]) => ({ option: option as GivenValue['option'], value, from: 'x' })),
  );

it('tells what takes effect at once from what waits for a restart', () => {
  const old = of({ 'log-level': 'info', 'root-directory': '/a' });
  const { now, later, settings } = changesBetween(old, of({ 'log-level': 'debug', 'root-directory': '/b' }));
  expect(now).toEqual([{ option: 'log-level', from: 'info', to: 'debug' }]);
  expect(later).toEqual([{ option: 'root-directory', from: '/a', to: '/b' }]);
  expect(settings).toEqual({ ...old, 'log-level': { values: ['debug'], from: 'x' } });
});

it('finds nothing where only the place of a value has changed', () => {
  expect(changesBetween(of({}), of({ 'log-level': 'info' }))).toMatchObject({ now: [], later: [] });
});

it('goes on telling what waits, and no longer when it is taken back', () => {
  const old = of({});
  const changed = of({ 'root-directory': '/b' });
  const { settings } = changesBetween(old, changed);
  expect(changesBetween(settings, changed).later).toHaveLength(1);
  expect(changesBetween(settings, old).later).toEqual([]);
});
