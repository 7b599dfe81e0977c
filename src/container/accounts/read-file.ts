import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import type { Engine } from '../../docker/engine';
import type { CallContext } from '../../lib/call-context';
import { ifFound, ShimError } from '../../lib/errors';

/** The size of a tar header, and of the blocks that content is padded to, in bytes. */
const BLOCK = 512;
/** More than any /etc/passwd that people write, in bytes. */
const MOST = 1024 * 1024;
/** As many as the kernel follows. */
const MOST_LINKS = 40;

/**
 * Reads a small file in a container, which need not run. Links are followed inside of it: Docker resolves every path there.
 * @returns undefined when there is none
 * @throws ShimError InvalidArgument for what is no file, or a file of more than 1 MiB
 */
export async function readFileInContainer(
  engine: Pick<Engine, 'containerArchive'>,
  ctx: CallContext,
  id: string,
  path: string,
): Promise<string | undefined> {
  let at = path;
  for (let links = 0; links <= MOST_LINKS; links += 1) {
    const entry = await firstEntry(engine, ctx, id, at);
    if (entry === undefined || entry.link === undefined) return entry?.content;
    at = posix.resolve(posix.dirname(at), entry.link);
  }
  throw new ShimError('InvalidArgument', `${path} in the image is a link to itself`);
}

interface Entry {
  readonly content: string;
  /** Where a symbolic link points to. */
  readonly link: string | undefined;
}

async function firstEntry(
  engine: Pick<Engine, 'containerArchive'>,
  ctx: CallContext,
  id: string,
  path: string,
): Promise<Entry | undefined> {
  const archive = await ifFound(engine.containerArchive(ctx, id, path));
  if (archive === undefined) return undefined;
  try {
    return await readEntry(archive, path);
  } finally {
    archive.destroy();
  }
}

/** Docker's archive of one file: a header, and the content. Nothing before it: long names come after a directory's. */
async function readEntry(archive: Readable, path: string): Promise<Entry> {
  const chunks: Buffer[] = [];
  let length = 0;
  let wanted = BLOCK;
  for await (const chunk of archive as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length < wanted) continue;
    const bytes = Buffer.concat(chunks);
    const link = linkIn(bytes);
    if (link !== undefined) return { content: '', link };
    wanted = BLOCK + sizeIn(bytes, path);
    if (length >= wanted) return { content: bytes.toString('utf8', BLOCK, wanted), link: undefined };
  }
  throw new ShimError('Internal', `docker's archive of ${path} ends in the middle`);
}

function linkIn(header: Buffer): string | undefined {
  return header.toString('latin1', 156, 157) === '2' ? text(header, 157, 100) : undefined;
}

/** @throws ShimError InvalidArgument for what is no file, and one that is too large. */
function sizeIn(header: Buffer, path: string): number {
  const size = parseInt(text(header, 124, 12), 8);
  const isFile = header.toString('latin1', 156, 157) === '0';
  if (isFile && size <= MOST) return size;
  throw new ShimError('InvalidArgument', `${path} in the image is no file of at most 1 MiB`);
}

function text(header: Buffer, start: number, length: number): string {
  return header.toString('utf8', start, start + length).replace(/\0.*$/s, '');
}
