import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAUSE_AMD64, PAUSE_ARM64 } from '../../../../src/sandbox/pause/binaries';

const ROOT = join(__dirname, '../../../..');

/** Of <elf.h>. */
const ELF = { class64: 2, littleEndian: 1, executable: 2, x86_64: 62, aarch64: 183 };
const SEGMENT = { load: 1, dynamic: 2, interpreter: 3, stack: 0x6474e551 };
const FLAGS = { readExecute: 5, readWrite: 6 };

interface Segment {
  type: number;
  flags: number;
  offset: number;
  address: number;
  size: number;
}

function segments(elf: Buffer): Segment[] {
  const start = Number(elf.readBigUInt64LE(32));
  const size = elf.readUInt16LE(54);
  return Array.from({ length: elf.readUInt16LE(56) }, (_, index) => {
    const entry = elf.subarray(start + index * size);
    return {
      type: entry.readUInt32LE(0),
      flags: entry.readUInt32LE(4),
      offset: Number(entry.readBigUInt64LE(8)),
      address: Number(entry.readBigUInt64LE(16)),
      size: Number(entry.readBigUInt64LE(32)),
    };
  });
}

describe.each([
  { architecture: 'amd64', base64: PAUSE_AMD64, machine: ELF.x86_64 },
  { architecture: 'arm64', base64: PAUSE_ARM64, machine: ELF.aarch64 },
])('pause for $architecture', ({ base64, machine }) => {
  const elf = Buffer.from(base64, 'base64');

  it('is a 64-bit executable of its machine', () => {
    expect(elf.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
    expect([elf[4], elf[5]]).toEqual([ELF.class64, ELF.littleEndian]);
    expect(elf.readUInt16LE(16)).toBe(ELF.executable);
    expect(elf.readUInt16LE(18)).toBe(machine);
  });

  it('is static: neither an interpreter nor anything to link', () => {
    const types = segments(elf).map((segment) => segment.type);

    expect(types).not.toContain(SEGMENT.interpreter);
    expect(types).not.toContain(SEGMENT.dynamic);
  });

  it('is one read-only segment around its entry point, and a stack that is not executable', () => {
    const [code, ...otherCode] = segments(elf).filter((segment) => segment.type === SEGMENT.load);
    const stack = segments(elf).find((segment) => segment.type === SEGMENT.stack);
    const entry = Number(elf.readBigUInt64LE(24));

    expect(otherCode).toEqual([]);
    expect(code).toMatchObject({ flags: FLAGS.readExecute, offset: 0 });
    expect(entry).toBeGreaterThan(code?.address ?? Infinity);
    expect(entry).toBeLessThan((code?.address ?? 0) + (code?.size ?? 0));
    expect(stack?.flags).toBe(FLAGS.readWrite);
  });

  it('is at most 1 KiB', () => {
    expect(elf.length).toBeLessThanOrEqual(1024);
  });
});

it('was built from pause.c as it is: run deploy/pause/build.sh after a change', () => {
  const source = readFileSync(join(ROOT, 'deploy/pause/pause.c'));
  const generated = readFileSync(join(ROOT, 'src/sandbox/pause/binaries.ts'), 'utf8');

  expect(generated).toContain(`sha256 of pause.c: ${createHash('sha256').update(source).digest('hex')}`);
});
