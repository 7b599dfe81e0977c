import { formatTraceparent, parseTraceparent } from '../../../../src/telemetry/tracing/traceparent';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

it.each([
  [`00-${TRACE}-${SPAN}-01`, true],
  [`00-${TRACE}-${SPAN}-00`, false],
  // Flags that nobody knows yet beside the one that everybody does.
  [`00-${TRACE}-${SPAN}-03`, true],
  // A later version may say more.
  [`cc-${TRACE}-${SPAN}-01-what-comes`, true],
])('reads %s', (header, sampled) => {
  expect(parseTraceparent(header)).toEqual({ traceId: TRACE, spanId: SPAN, sampled });
});

it.each([
  '',
  TRACE,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}`,
])('ignores %j, as the specification says', (header) => {
  expect(parseTraceparent(header)).toBeUndefined();
});

it('writes what it reads', () => {
  const header = `00-${TRACE}-${SPAN}-01`;
  expect(formatTraceparent(parseTraceparent(header)!)).toBe(header);
});
