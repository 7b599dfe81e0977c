import { Bell } from '../../../src/lib/bell';

it('wakes who waits', async () => {
  const bell = new Bell();
  const woken = bell.wait();
  bell.ring();
  await woken;
});

it('keeps a ring for the next who waits, and only one', async () => {
  const bell = new Bell();
  bell.ring();
  bell.ring();
  await bell.wait();
  let woken = false;
  const waiting = bell.wait().then(() => (woken = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(woken).toBe(false);
  bell.ring();
  await waiting;
});

it('ends the wait when the time is over, and a ring comes too', async () => {
  const bell = new Bell();
  await bell.wait(1);
  const woken = bell.wait(1_000_000);
  bell.ring();
  await woken;
});
