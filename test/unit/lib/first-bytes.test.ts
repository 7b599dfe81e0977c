import fc from 'fast-check';
import { FirstBytes } from '../../../src/lib/first-bytes';

const parts = fc.array(
  fc.uint8Array({ maxLength: 9000 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 20 },
);

describe('the first bytes of an output', () => {
  it('are those of its parts, however it is cut, up to the bound', () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 0, max: 60_000 }), (output, most) => {
        const first = new FirstBytes(most);

        const kept = output.map((part) => first.add(part));

        const whole = Buffer.concat(output);
        expect(first.bytes().equals(whole.subarray(0, most))).toBe(true);
        expect(kept.every(Boolean)).toBe(whole.length <= most);
      }),
    );
  });

  it('are kept when the parts are changed afterwards', () => {
    const first = new FirstBytes(10);
    const part = Buffer.from('kept');
    first.add(part);

    part.fill('x');

    expect(first.bytes().toString()).toBe('kept');
  });

  it('take about as much memory as they are long, when they come one by one', () => {
    const LENGTH = 1024 * 1024;
    const first = new FirstBytes(LENGTH);
    const part = Buffer.alloc(1);
    const before = process.memoryUsage().heapUsed;

    for (let n = 0; n < LENGTH; n += 1) first.add(part);

    expect(first.bytes()).toHaveLength(LENGTH);
    // Kept apart, they take a hundred bytes each.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(16 * LENGTH);
  });
});
