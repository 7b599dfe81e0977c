import { planText } from '../../../src/migrate/plan';

it('is printed with numbers, and commands that can be copied', () => {
  const plan = { title: 'T', given: ['a fact'], steps: [{ does: 'Do it', commands: ['x --y'], note: 'with care' }] };
  expect(planText(plan)).toBe('T\n\n  · a fact\n\n1. Do it.\n   (with care)\n       x --y\n');
});
