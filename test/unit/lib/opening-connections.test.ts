import { Socket } from 'node:net';
import { OpeningConnections } from '../../../src/lib/opening-connections';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function added(opening: OpeningConnections, count: number): Socket[] {
  const sockets = Array.from({ length: count }, () => new Socket());
  for (const socket of sockets) opening.add(socket);
  return sockets;
}

it('cuts off one that asks for nothing in time, and leaves one that has asked alone', () => {
  const opening = new OpeningConnections({ most: 10, ms: 1000 });
  const [silent, asking] = added(opening, 2);
  opening.asked(asking as Socket);

  jest.advanceTimersByTime(999);
  expect(silent?.destroyed).toBe(false);
  jest.advanceTimersByTime(1);
  expect([silent?.destroyed, asking?.destroyed]).toEqual([true, false]);
  expect([opening.size, jest.getTimerCount()]).toEqual([0, 0]);
});

it('cuts off those that have waited longest when there are too many', () => {
  const opening = new OpeningConnections({ most: 3, ms: 1000 });
  const sockets = added(opening, 5);

  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, true, false, false, false]);
  expect(opening.size).toBe(3);
});

it('forgets one that has closed, and all when it is cleared', () => {
  const opening = new OpeningConnections({ most: 3, ms: 1000 });
  const [gone, here] = added(opening, 2);
  gone?.emit('close');
  expect(opening.size).toBe(1);

  opening.clear();
  expect(here?.destroyed).toBe(true);
  expect([opening.size, jest.getTimerCount()]).toEqual([0, 0]);
});
