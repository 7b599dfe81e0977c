import { SharedLock } from '../../../src/lib/shared-lock';
import { aCall } from '../../support/a-call';

/** Work that notes its beginning and its end, and ends when it is told to. */
class Works {
  readonly story: string[] = [];
  private readonly ends = new Map<string, () => void>();

  work(name: string): () => Promise<void> {
    return async () => {
      this.story.push(`${name} begins`);
      await new Promise<void>((resolve) => this.ends.set(name, resolve));
      this.story.push(`${name} ends`);
    };
  }

  async end(name: string): Promise<void> {
    this.ends.get(name)?.();
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let lock: SharedLock;
let works: Works;

beforeEach(() => {
  lock = new SharedLock();
  works = new Works();
});

test('work that is shared goes on side by side, and answers', async () => {
  const first = lock.runShared(aCall().ctx, works.work('a'));
  expect(await lock.runShared(aCall().ctx, () => Promise.resolve(7))).toBe(7);
  await works.end('a');
  await first;
});

test('who is alone waits for those at work, and those that come meanwhile wait for it', async () => {
  void lock.runShared(aCall().ctx, works.work('before'));
  await settled();
  void lock.runAlone(aCall().ctx, works.work('alone'));
  void lock.runShared(aCall().ctx, works.work('after'));
  await settled();
  expect(works.story).toEqual(['before begins']);
  await works.end('before');
  expect(works.story.slice(1)).toEqual(['before ends', 'alone begins']);
  await works.end('alone');
  expect(works.story.slice(3)).toEqual(['alone ends', 'after begins']);
});

test('two are never alone together', async () => {
  void lock.runAlone(aCall().ctx, works.work('one'));
  void lock.runAlone(aCall().ctx, works.work('two'));
  await settled();
  expect(works.story).toEqual(['one begins']);
  await works.end('one');
  expect(works.story).toEqual(['one begins', 'one ends', 'two begins']);
});

test('work that fails holds nobody up', async () => {
  const fail = (): Promise<never> => Promise.reject(new Error('no'));
  await expect(lock.runShared(aCall().ctx, fail)).rejects.toThrow('no');
  await expect(lock.runAlone(aCall().ctx, fail)).rejects.toThrow('no');
  expect(await lock.runAlone(aCall().ctx, () => Promise.resolve(1))).toBe(1);
  expect(await lock.runShared(aCall().ctx, () => Promise.resolve(2))).toBe(2);
});

test('who is cancelled while it waits leaves, and holds nobody up', async () => {
  void lock.runShared(aCall().ctx, works.work('before'));
  await settled();
  const [alone, shared] = [aCall(), aCall()];
  const waiting = [lock.runAlone(alone.ctx, works.work('alone')), lock.runShared(shared.ctx, works.work('after'))];
  shared.cancel();
  await expect(waiting[1]).rejects.toBe(shared.reason);
  alone.cancel();
  await expect(waiting[0]).rejects.toBe(alone.reason);
  expect(await lock.runShared(aCall().ctx, () => Promise.resolve(7))).toBe(7);
  expect(works.story).toEqual(['before begins']);
});

test('who gives up waiting to be alone lets nobody pass the one that is', async () => {
  void lock.runAlone(aCall().ctx, works.work('alone'));
  const impatient = aCall();
  const waiting = lock.runAlone(impatient.ctx, works.work('never'));
  void lock.runShared(aCall().ctx, works.work('after'));
  impatient.cancel();
  await expect(waiting).rejects.toBe(impatient.reason);
  await settled();
  expect(works.story).toEqual(['alone begins']);
  await works.end('alone');
  expect(works.story).toEqual(['alone begins', 'alone ends', 'after begins']);
});
