import { Tracer } from '../../../../src/telemetry/tracing/tracer';
import type { EndedSpan } from '../../../../src/telemetry/tracing/span';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

let spans: EndedSpan[];
let clock: bigint;

beforeEach(() => {
  spans = [];
  clock = 0n;
});

function tracer(ratio = 0, random = 0.5): Tracer {
  return new Tracer({ exported: (span) => spans.push(span), ratio, random: () => random, now: () => (clock += 1n) });
}

it('continues the trace of the caller', () => {
  const span = tracer().call('Version', `00-${TRACE}-${SPAN}-01`, { a: 'b' });
  span.end();

  expect(spans).toEqual([
    {
      context: { traceId: TRACE, spanId: expect.stringMatching(/^[0-9a-f]{16}$/) as string, sampled: true },
      parentId: SPAN,
      name: 'Version',
      kind: 2,
      began: 1n,
      ended: 2n,
      attributes: { a: 'b' },
      failure: undefined,
    },
  ]);
});

it('exports nothing of a call whose caller is not traced, whatever the rate', () => {
  tracer(1).call('Version', `00-${TRACE}-${SPAN}-00`, {}).end();
  expect(spans).toEqual([]);
});

it.each([
  [0.6, 1],
  [0.5, 0],
  [0, 0],
])('begins traces of its own at the rate given: %d', (ratio, exported) => {
  tracer(ratio, 0.5).call('Version', undefined, {}).end();
  expect(spans).toHaveLength(exported);
});

it("makes a call's questions its children, however deep in it they are asked, and nobody else's", async () => {
  const traced = tracer(1);
  const one = traced.call('one', undefined, {});
  const two = traced.call('two', undefined, {});
  const ask = async (name: string): Promise<void> => {
    await new Promise(setImmediate);
    traced.question(name, {})?.end('refused');
  };
  await Promise.all([traced.inSpan(one, () => ask('of one')), traced.inSpan(two, () => ask('of two'))]);

  const parents = Object.fromEntries(spans.map(({ name, parentId }) => [name, parentId]));
  expect(parents).toEqual({ 'of one': one.context.spanId, 'of two': two.context.spanId });
  expect(spans.map(({ failure }) => failure)).toEqual(['refused', 'refused']);
});

it('asks nothing in the name of no call', () => {
  expect(tracer(1).question('list', {})).toBeUndefined();
});
