import { exposition } from '../../../../src/telemetry/metrics/exposition';
import { Counter, Histogram, Reading } from '../../../../src/telemetry/metrics/instruments';

it('writes a counter, with its labels', async () => {
  const counter = new Counter('calls_total', 'Calls.', ['method', 'code']);
  counter.add(['Version', 'OK']);
  counter.add(['Version', 'OK']);
  counter.add(['Status', 'NOT_FOUND']);

  expect(await exposition([counter])).toBe(
    [
      '# HELP calls_total Calls.',
      '# TYPE calls_total counter',
      'calls_total{method="Version",code="OK"} 2',
      'calls_total{method="Status",code="NOT_FOUND"} 1',
      '',
    ].join('\n'),
  );
});

it('writes a histogram whose buckets hold those below them, each with its upper end', () => {
  const histogram = new Histogram('took_seconds', 'Times.', ['method'], [0.01, 0.1]);
  for (const seconds of [0.01, 0.05, 0.05, 7]) histogram.observe(['Version'], seconds);

  expect(histogram.lines()).toEqual([
    'took_seconds_bucket{method="Version",le="0.01"} 1',
    'took_seconds_bucket{method="Version",le="0.1"} 3',
    'took_seconds_bucket{method="Version",le="+Inf"} 4',
    'took_seconds_sum{method="Version"} 7.11',
    'took_seconds_count{method="Version"} 4',
  ]);
});

it('asks for a reading only when it is written, and leaves out what is no number', async () => {
  let asked = 0;
  const reading = new Reading('gauge', 'pods', 'Pods.', ['state'], () => {
    asked += 1;
    return [
      [['ready'], 3],
      [['unknown'], NaN],
    ];
  });
  expect(asked).toBe(0);

  expect(await reading.lines()).toEqual(['pods{state="ready"} 3']);
  expect(asked).toBe(1);
});

it('lets nothing in a label end its line or its quotes', async () => {
  const counter = new Counter('c', 'Two\nlines.', ['l']);
  counter.add(['a"b\\c\nd']);

  expect(await exposition([counter])).toBe('# HELP c Two\\nlines.\n# TYPE c counter\nc{l="a\\"b\\\\c\\nd"} 1\n');
});

it('keeps a bounded number of series, and counts the rest together', () => {
  const counter = new Counter('c', 'Calls.', ['l']);
  for (let index = 0; index < 2000; index += 1) counter.add([`value ${index}`]);

  const lines = counter.lines();
  expect(lines).toHaveLength(501);
  expect(lines.at(-1)).toBe('c{l="other"} 1500');
});
