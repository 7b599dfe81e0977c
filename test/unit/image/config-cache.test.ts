import { ImageConfigCache } from '../../../src/image/config-cache';
import type { ImageInspect } from '../../../src/docker/types';
import type { CallContext } from '../../../src/lib/call-context';
import { silentLog } from '../../../src/lib/log';

const ctx: CallContext = { signal: new AbortController().signal, log: silentLog };

it('asks Docker once for an id, and lets the least recently used go', async () => {
  const asked: string[] = [];
  const inspectImage = (_ctx: CallContext, id: string): Promise<ImageInspect> => {
    asked.push(id);
    return Promise.resolve({ Id: id, RepoTags: null, RepoDigests: null, Size: 1, Config: { User: `user of ${id}` } });
  };
  const cache = new ImageConfigCache({ inspectImage }, 2);

  for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) expect(await cache.userOf(ctx, id)).toBe(`user of ${id}`);

  expect(asked).toEqual(['a', 'b', 'c', 'b']);
  expect(cache.size).toBe(2);
});
