import type { WebSocket } from 'ws';
import { ChannelInput } from '../../../../src/streaming/remote-command/channel-input';

const MIB = 1024 * 1024;

/** What the input asks of its connection. */
class Connection {
  paused = false;
  pongs = 0;

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  pong(): void {
    this.pongs += 1;
  }
}

let connection: Connection;
let input: ChannelInput;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
  connection = new Connection();
  input = new ChannelInput(connection as unknown as WebSocket);
});

afterEach(() => {
  input.destroy();
  jest.useRealTimers();
});

/** Sends as long as the connection is read, and answers how many MiB that were. */
function flood(): number {
  let sent = 0;
  for (; !connection.paused; sent += 1) input.receive(Buffer.alloc(MIB));
  return sent;
}

it('stops reading the connection when a MiB waits', () => {
  expect(flood()).toBe(1);
});

it('counts what many tiny messages cost', () => {
  let sent = 0;
  for (; !connection.paused; sent += 1) input.receive(Buffer.alloc(1));
  expect(sent).toBeLessThan(3_000);
});

it('sends pongs of its own accord while the connection is not read', () => {
  flood();
  jest.advanceTimersByTime(20_000);
  expect(connection.pongs).toBe(4);
});

it('takes a sip twice a minute, so that the client can write, and no more than 18 MiB in all', () => {
  flood();
  const sips: number[] = [];
  for (let minute = 0; minute < 20; minute += 1) {
    jest.advanceTimersByTime(30_000);
    sips.push(flood());
  }
  expect(sips.slice(0, 3)).toEqual([2, 2, 2]);
  expect(sips.reduce((sum, sip) => sum + sip, 1)).toBe(19);
  expect(connection.pongs).toBeGreaterThanOrEqual(100);
});

it('reads on when the command has read', async () => {
  flood();
  input.resume();
  await new Promise((resolve) => setImmediate(resolve));
  expect(connection.paused).toBe(false);
  jest.advanceTimersByTime(60_000);
  expect(connection.pongs).toBe(0);
});

it('hands on all that waited, in order, and the end behind it', async () => {
  for (const word of ['one ', 'two ', 'three']) input.receive(Buffer.from(word));
  input.end();
  input.receive(Buffer.from('too late'));
  const parts = (await input.toArray()) as Buffer[];
  expect(Buffer.concat(parts).toString()).toBe('one two three');
});

it('lets go of the connection when it is destroyed', async () => {
  flood();
  input.destroy();
  await new Promise((resolve) => setImmediate(resolve));
  jest.advanceTimersByTime(60_000);
  expect([connection.paused, connection.pongs]).toEqual([false, 0]);
});
