import type { WebSocket } from 'ws';
import { PortInput } from '../../../../src/streaming/port-forward/port-input';
import { WebSocketValve } from '../../../../src/streaming/web-socket/valve';

let paused: boolean;
let valve: WebSocketValve;
let input: PortInput;

beforeEach(() => {
  paused = false;
  const socket = { pause: () => (paused = true), resume: () => (paused = false) };
  valve = new WebSocketValve(socket as unknown as WebSocket);
  input = new PortInput(valve);
});

afterEach(() => input.destroy());

it.each([
  ['of 64 KiB', 64 * 1024, 16],
  ['of one byte, which cost memory too', 1, 2048],
])('stops the connection when messages %s wait', (_what, size, most) => {
  let sent = 0;
  for (; !paused && sent < 10_000; sent += 1) input.receive(Buffer.alloc(size));
  expect(sent).toBeLessThanOrEqual(most);
  expect(sent).toBeGreaterThan(most / 2);
});

it('lets it go on when they are read', async () => {
  while (!paused) input.receive(Buffer.alloc(64 * 1024));
  input.resume();
  await new Promise((resolve) => setImmediate(resolve));
  expect(paused).toBe(false);
});

it('lets it go on when the port is gone, unless another one holds it', () => {
  while (!paused) input.receive(Buffer.alloc(64 * 1024));
  const other = {};
  valve.hold(other);
  input.destroy();
  expect(paused).toBe(true);
  valve.release(other);
  expect(paused).toBe(false);
});
