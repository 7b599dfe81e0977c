import { Readable } from 'node:stream';
import { readFileInContainer } from '../../../../src/container/accounts/read-file';
import { ShimError } from '../../../../src/lib/errors';
import { aCall } from '../../../support/a-call';
import { refusalOf } from '../../../support/refusal';

type Content = string | Buffer | { readonly link: string } | 'directory';

/** A header and a content as Docker sends them, in pieces of any size. */
function archive(content: Content, pieces: number): Readable {
  const header = Buffer.alloc(512);
  const isLink = typeof content === 'object' && 'link' in content;
  const body = content === 'directory' || isLink ? Buffer.alloc(0) : Buffer.from(content as string);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write(content === 'directory' ? '5' : isLink ? '2' : '0', 156);
  if (isLink) header.write(content.link, 157);
  const bytes = Buffer.concat([header, body, Buffer.alloc(1024)]);
  const size = Math.ceil(bytes.length / pieces);
  return Readable.from(Array.from({ length: pieces }, (_, piece) => bytes.subarray(piece * size, (piece + 1) * size)));
}

function read(files: Readonly<Record<string, Content>>, path: string, pieces = 1): Promise<string | undefined> {
  const engine = {
    containerArchive: (_ctx: unknown, _id: string, at: string) => {
      const content = files[at];
      if (content === undefined) return Promise.reject(new ShimError('NotFound', 'nothing is there'));
      return Promise.resolve(archive(content, pieces));
    },
  };
  return readFileInContainer(engine, aCall().ctx, 'c', path);
}

it.each([1, 2, 7, 600])('reads a file that comes in %d pieces', async (pieces) => {
  expect(await read({ '/etc/group': 'root:x:0:\nümlaut:x:1:\n' }, '/etc/group', pieces)).toBe(
    'root:x:0:\nümlaut:x:1:\n',
  );
});

it('reads an empty file, and none', async () => {
  expect(await read({ '/etc/group': '' }, '/etc/group')).toBe('');
  expect(await read({}, '/etc/group')).toBeUndefined();
});

it('follows links, from where they are', async () => {
  const files = { '/etc/passwd': { link: '../usr/a' }, '/usr/a': { link: '/b' }, '/b': 'found' };
  expect(await read(files, '/etc/passwd')).toBe('found');
});

it.each<[string, Content, string]>([
  ['a link to itself', { link: 'passwd' }, 'InvalidArgument: /etc/passwd in the image is a link to itself'],
  ['a directory', 'directory', 'InvalidArgument: /etc/passwd in the image is no file of at most 1 MiB'],
  [
    'too much',
    Buffer.alloc(1024 * 1024 + 1, 'x'),
    'InvalidArgument: /etc/passwd in the image is no file of at most 1 MiB',
  ],
])('refuses %s', async (_what, content, sentence) => {
  expect(await refusalOf(read({ '/etc/passwd': content }, '/etc/passwd'))).toBe(sentence);
});

it('an archive that breaks off is the engine’s fault', async () => {
  const engine = { containerArchive: () => Promise.resolve(Readable.from([Buffer.alloc(100)])) };
  const broken = readFileInContainer(engine, aCall().ctx, 'c', '/etc/passwd');
  expect(await refusalOf(broken)).toBe("Internal: docker's archive of /etc/passwd ends in the middle");
});
