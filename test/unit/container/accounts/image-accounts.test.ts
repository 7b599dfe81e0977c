import { Readable } from 'node:stream';
import { ImageAccounts } from '../../../../src/container/accounts/image-accounts';
import type { ContainerInspect } from '../../../../src/docker/types';
import { ShimError } from '../../../../src/lib/errors';
import { aCall } from '../../../support/a-call';

const ALPHA = `sha256:${'a'.repeat(64)}`;
const BETA = `sha256:${'b'.repeat(64)}`;
const FILES: Readonly<Record<string, string>> = {
  '/etc/passwd': 'www:x:33:34::/:\n',
  '/etc/group': 'extra:x:50:www\n',
};
const WWW = { uid: 33n, gid: 34n, groups: [50n] };

function archive(content: string): Readable {
  const header = Buffer.alloc(512);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('0', 156);
  return Readable.from([Buffer.concat([header, Buffer.from(content)])]);
}

/** An engine with the two files in every image, and what was made and removed. */
function engineThat({ readFails = false, nameIsTaken = false } = {}) {
  const story: string[] = [];
  const engine = {
    createContainer: (_ctx: unknown, name: string) => {
      story.push('create');
      if (nameIsTaken) return Promise.reject(new ShimError('AlreadyExists', 'taken'));
      return Promise.resolve(name);
    },
    inspectContainer: () => Promise.resolve({ Id: 'left' } as ContainerInspect),
    removeContainer: (_ctx: unknown, id: string) => {
      story.push(`remove ${id.slice(-4)}`);
      return Promise.resolve();
    },
    containerArchive: (_ctx: unknown, _id: string, path: string) =>
      readFails ? Promise.reject(new ShimError('Internal', 'no mount')) : Promise.resolve(archive(FILES[path] ?? '')),
  };
  return { accounts: new ImageAccounts(engine), story };
}

it('reads an image once for all who ask at the same time, and once for each user later on', async () => {
  const { accounts, story } = engineThat();
  const { ctx } = aCall();
  const found = await Promise.all(['www', '33', '5', 'nobody'].map((user) => accounts.find(ctx, ALPHA, user)));
  expect(found).toEqual([WWW, WWW, { uid: 5n, gid: 0n, groups: [] }, undefined]);
  expect(await accounts.find(ctx, ALPHA, 'www')).toEqual(WWW);
  expect(await accounts.find(ctx, ALPHA, 'nobody')).toBeUndefined();
  expect(story).toEqual(['create', 'remove aaaa']);

  await accounts.find(ctx, BETA, 'www');
  expect(story).toEqual(['create', 'remove aaaa', 'create', 'remove bbbb']);
});

it('takes one that was left behind, and removes it', async () => {
  const { accounts, story } = engineThat({ nameIsTaken: true });
  expect(await accounts.find(aCall().ctx, ALPHA, 'www')).toEqual(WWW);
  expect(story).toEqual(['create', 'remove left']);
});

it('leaves none behind when it cannot be read, and remembers nothing', async () => {
  const { accounts, story } = engineThat({ readFails: true });
  const { ctx } = aCall();
  await expect(accounts.find(ctx, ALPHA, 'www')).rejects.toThrow('no mount');
  await expect(accounts.find(ctx, ALPHA, 'www')).rejects.toThrow('no mount');
  expect(story).toEqual(['create', 'remove aaaa', 'create', 'remove aaaa']);
});
