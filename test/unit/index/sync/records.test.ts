import type { NodeContainer } from '../../../../src/index/node-record';
import { Records } from '../../../../src/index/sync/records';

function record(id: string, running: boolean, createdAt = 0n): NodeContainer {
  const status = { id, createdAt } as NodeContainer['status'];
  return {
    kind: 'container',
    id,
    name: id,
    running,
    sandboxId: 'p',
    pid: 0,
    cgroupFiles: {},
    status,
  };
}

it('keeps the answer to the newest question, in whatever order answers come', () => {
  const records = new Records();
  const older = records.ask();
  const newer = records.ask();
  records.put(record('a', true), newer);
  records.put(record('a', false), older);
  expect(records.get('a')?.running).toBe(true);
});

it('lets no answer that was on its way bring back what is gone', () => {
  const records = new Records();
  const question = records.ask();
  records.put(record('a', true), records.ask());
  records.remove('a');
  records.put(record('a', true), question);
  expect(records.ids()).toEqual([]);
});

it('knows better than a question that is older than what it was told', () => {
  const records = new Records();
  records.put(record('a', true), records.ask());
  const question = records.ask();
  expect(records.knowsBetter('a', question)).toBe(false);
  records.put(record('a', false), records.ask());
  expect(records.knowsBetter('a', question)).toBe(true);
  records.remove('b');
  expect(records.knowsBetter('b', question)).toBe(true);
});

it('is sorted by age, the newest first, also after a change', () => {
  const records = new Records();
  const question = records.ask();
  records.put(record('a', true, 1n), question);
  records.put(record('b', true, 3n), question);
  expect(records.containers().map(({ id }) => id)).toEqual(['b', 'a']);
  records.put(record('c', true, 2n), question);
  expect(records.containers().map(({ id }) => id)).toEqual(['b', 'c', 'a']);
  records.remove('c');
  expect(records.containers().map(({ id }) => id)).toEqual(['b', 'a']);
});
