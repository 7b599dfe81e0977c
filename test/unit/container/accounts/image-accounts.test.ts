import { Readable } from 'node:stream';
import { ImageAccounts } from '../../../../src/container/accounts/image-accounts';
import type { ContainerInspect } from '../../../../src/docker/types';
import { ShimError } from '../../../../src/lib/errors';
import { silentLog, type Log } from '../../../../src/lib/log';
import { aCall } from '../../../support/a-call';
import { refusalOf } from '../../../support/refusal';

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

interface Trouble {
  readonly readFails?: boolean;
  readonly nameIsTaken?: boolean;
  readonly removeFails?: boolean;
  /** Docker finds none of these files. */
  missing?: readonly string[];
  /** What Docker says of the container, if it is there. */
  reader?: 'created' | 'removing' | 'gone';
}

/** An engine with the two files in every image, and what was made and removed. */
function engineThat(trouble: Trouble = {}) {
  const story: string[] = [];
  const engine = {
    createContainer: (_ctx: unknown, name: string) => {
      story.push('create');
      if (trouble.nameIsTaken) return Promise.reject(new ShimError('AlreadyExists', 'taken'));
      return Promise.resolve(name);
    },
    inspectContainer: () => {
      const { reader = 'created' } = trouble;
      if (reader === 'gone') return Promise.reject(new ShimError('NotFound', 'No such container'));
      return Promise.resolve({ Id: 'left', State: { Status: reader } } as ContainerInspect);
    },
    removeContainer: (_ctx: unknown, id: string) => {
      story.push(`remove ${id.slice(-4)}`);
      return trouble.removeFails ? Promise.reject(new ShimError('Internal', 'device is busy')) : Promise.resolve();
    },
    containerArchive: (_ctx: unknown, _id: string, path: string) => {
      if (trouble.readFails) return Promise.reject(new ShimError('Internal', 'no mount'));
      if (trouble.missing?.includes(path)) return Promise.reject(new ShimError('NotFound', 'nothing is there'));
      return Promise.resolve(archive(FILES[path] ?? ''));
    },
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

it('believes that an image lacks a file while the container is there', async () => {
  const { accounts } = engineThat({ missing: ['/etc/group'] });
  expect(await accounts.find(aCall().ctx, ALPHA, 'www')).toEqual({ ...WWW, groups: [] });
});

it.each([
  ['gone', '/etc/passwd'],
  ['gone', '/etc/group'],
  ['removing', '/etc/passwd'],
  ['removing', '/etc/group'],
] as const)('takes a container that is %s for no image without %s, and looks again', async (reader, file) => {
  const trouble: Trouble = { missing: [file], reader };
  const { accounts } = engineThat(trouble);
  const { ctx } = aCall();
  expect(await refusalOf(accounts.find(ctx, ALPHA, '33'))).toMatch(/^Unavailable: .*removed meanwhile: try again$/);
  trouble.missing = [];
  expect(await accounts.find(ctx, ALPHA, '33')).toEqual(WWW);
});

it('a container that was left behind may go before it is read', async () => {
  const { accounts } = engineThat({ nameIsTaken: true, reader: 'gone' });
  expect(await refusalOf(accounts.find(aCall().ctx, ALPHA, 'www'))).toMatch(/^Unavailable/);
});

it('answers what it read when the container cannot be removed, and says so', async () => {
  const { accounts } = engineThat({ removeFails: true });
  const warned: unknown[] = [];
  const log: Log = { ...silentLog, warn: (message, fields) => void warned.push(message, fields?.['error']) };
  expect(await accounts.find(aCall(log).ctx, ALPHA, 'www')).toEqual(WWW);
  expect(warned).toEqual(['a container that was made to look users up is left, and holds its image', 'device is busy']);
});
