import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { toGrpcStatus } from '../../../src/cri/status';
import { ShimError, type ErrorKind } from '../../../src/lib/errors';

const CODES: Record<ErrorKind, number> = {
  Cancelled: 1,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  AlreadyExists: 6,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  Unimplemented: 12,
  Internal: 13,
  Unavailable: 14,
};

test.each(Object.entries(CODES) as [ErrorKind, number][])('%s is code %i', (kind, code) => {
  expect(toGrpcStatus(new ShimError(kind, 'a sentence'))).toEqual({ code, details: 'a sentence' });
});

test.each([
  ['an error of somebody else’s', new TypeError('oh'), 'oh'],
  ['a string', 'oh', 'oh'],
  ['nothing', undefined, 'undefined'],
  ['an object with a code', { code: 5 }, '[object Object]'],
])('%s is Internal', (_what, thrown, details) => {
  expect(toGrpcStatus(thrown)).toEqual({ code: status.INTERNAL, details });
});

test('any message fits into a header', () => {
  const any = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 200 });
  fc.assert(
    fc.property(any, fc.nat(100), (text, times) => {
      const { details } = toGrpcStatus(new Error(text.repeat(times)));
      // As grpc-js encodes it, which throws on half a character. nghttp2 sends 64 KiB of headers at most.
      expect(encodeURI(details).length).toBeLessThan(40_000);
    }),
  );
});

test('a long message is cut, and says so; one that fits is left alone', () => {
  const fits = 'x'.repeat(4000);
  expect(toGrpcStatus(new Error(fits)).details).toBe(fits);
  expect(toGrpcStatus(new Error(`${fits}y`)).details).toBe(`${fits}…`);
});

test('a cut through a character leaves no half of it', () => {
  expect(toGrpcStatus(new Error(`${'x'.repeat(3999)}😀`)).details).toBe(`${'x'.repeat(3999)}\ufffd…`);
});
