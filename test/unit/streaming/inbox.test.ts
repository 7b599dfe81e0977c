import { Readable } from 'node:stream';
import { Inbox } from '../../../src/streaming/inbox';

class Reader extends Readable {
  held = 0;
  readonly inbox = new Inbox(this, (bytes) => (this.held += bytes));

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _read(): void {
    this.inbox.read();
  }
}

const WORDS = ['one ', 'two ', 'three'].map((word) => Buffer.from(word));

it('counts each part with what it costs, until it is handed on', async () => {
  const reader = new Reader();
  for (const word of WORDS) reader.inbox.receive(word);
  expect(reader.held).toBe(13 + 3 * 512);
  expect(reader.inbox.held).toBe(reader.held);
  reader.inbox.end();
  expect(Buffer.concat((await reader.toArray()) as Buffer[]).toString()).toBe('one two three');
  expect(reader.held).toBe(0);
});

it('hands a part on at once to a reader that waits for it', async () => {
  const reader = new Reader();
  const all = reader.toArray();
  await new Promise((resolve) => setImmediate(resolve));
  reader.inbox.receive(Buffer.from('word'));
  expect(reader.held).toBe(0);
  reader.inbox.end();
  expect(await all).toEqual([Buffer.from('word')]);
});

it('holds nothing for a reader that is gone', () => {
  const reader = new Reader();
  for (const word of WORDS) reader.inbox.receive(word);
  reader.inbox.clear();
  expect(reader.held).toBe(0);
});
