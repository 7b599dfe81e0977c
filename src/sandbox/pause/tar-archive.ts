import { ShimError } from '../../lib/errors';

/** The size of every header, and what contents are padded to (POSIX.1-1988, "ustar Interchange Format"). */
const BLOCK_SIZE = 512;

/** A ustar name field holds 100 bytes; the prefix field, which would add 155, isn't used. */
const MAX_NAME_BYTES = 100;

export interface TarFile {
  /** Relative, with `/` between its parts; at most 100 bytes. */
  readonly name: string;
  /** Permission bits, such as 0o555. */
  readonly mode: number;
  readonly content: Buffer;
}

/**
 * A ustar archive of regular files that root owns, dated to the epoch: the same files give the same bytes.
 * @throws ShimError Internal for a name that doesn't fit its field
 */
export function tarArchive(files: readonly TarFile[]): Buffer {
  const endOfArchive = Buffer.alloc(2 * BLOCK_SIZE);
  return Buffer.concat([...files.flatMap((file) => [header(file), padded(file.content)]), endOfArchive]);
}

function padded(content: Buffer): Buffer {
  const blocks = Math.ceil(content.length / BLOCK_SIZE);
  return Buffer.concat([content], blocks * BLOCK_SIZE);
}

function header({ name, mode, content }: TarFile): Buffer {
  const nameBytes = Buffer.byteLength(name);
  if (nameBytes === 0 || nameBytes > MAX_NAME_BYTES) {
    throw new ShimError('Internal', `tar entry name "${name}" has ${nameBytes} bytes: use 1 to ${MAX_NAME_BYTES}`);
  }
  const block = Buffer.alloc(BLOCK_SIZE);
  block.write(name, 0);
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108); // uid
  block.write(octal(0, 8), 116); // gid
  block.write(octal(content.length, 12), 124);
  block.write(octal(0, 12), 136); // modification time
  block.write(' '.repeat(8), 148); // the checksum counts its own field as spaces
  block.write('0', 156); // a regular file
  block.write('ustar\0', 257);
  block.write('00', 263);
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(octal(checksum, 8), 148);
  return block;
}

/** A number as a header field of `width` bytes: octal digits and a closing NUL. */
function octal(value: number, width: number): string {
  return value.toString(8).padStart(width - 1, '0') + '\0';
}
