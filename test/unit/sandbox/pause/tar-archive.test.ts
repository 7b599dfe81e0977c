import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { tarArchive } from '../../../../src/sandbox/pause/tar-archive';

function tar(args: string[], input: Buffer): Buffer {
  return execFileSync('tar', args, { input, env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' } });
}

describe('tarArchive', () => {
  it('is read by tar, with mode, root ownership, size and the epoch', () => {
    const archive = tarArchive([
      { name: 'pause', mode: 0o555, content: Buffer.alloc(513, 7) },
      { name: 'etc/empty', mode: 0o640, content: Buffer.alloc(0) },
    ]);

    const lines = tar(['-tvf', '-', '--numeric-owner'], archive).toString().trimEnd().split('\n');

    expect(lines.map((line) => line.split(/\s+/))).toEqual([
      ['-r-xr-xr-x', '0/0', '513', '1970-01-01', '00:00', 'pause'],
      ['-rw-r-----', '0/0', '0', '1970-01-01', '00:00', 'etc/empty'],
    ]);
  });

  it.each([0, 1, 511, 512, 513, 1024])('fills blocks of 512 bytes around a content of %d', (size) => {
    const archive = tarArchive([{ name: 'a', mode: 0o444, content: Buffer.alloc(size) }]);

    expect(archive.length).toBe(512 + Math.ceil(size / 512) * 512 + 1024);
  });

  it('gives back any content', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        const content = Buffer.from(bytes);
        const archive = tarArchive([
          { name: 'before', mode: 0o444, content: Buffer.from('before') },
          { name: 'it', mode: 0o444, content },
          { name: 'after', mode: 0o444, content: Buffer.from('after') },
        ]);
        expect(tar(['-xOf', '-', 'it'], archive).equals(content)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('takes a name of 100 bytes and refuses what its field cannot hold', () => {
    const longest = 'n'.repeat(100);
    const file = (name: string) => [{ name, mode: 0o444, content: Buffer.alloc(0) }];

    expect(tar(['-tf', '-'], tarArchive(file(longest))).toString()).toBe(`${longest}\n`);
    expect(() => tarArchive(file(`${longest}n`))).toThrow('101 bytes');
    expect(() => tarArchive(file('ä'.repeat(51)))).toThrow('102 bytes');
    expect(() => tarArchive(file(''))).toThrow('0 bytes');
  });
});
