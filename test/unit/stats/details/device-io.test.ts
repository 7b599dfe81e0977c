import { parseDeviceIoV1, parseDeviceIoV2 } from '../../../../src/stats/details/device-io';

const BYTES = `8:0 Read 4096
8:0 Write 8192
8:0 Sync 12288
8:0 Async 0
8:0 Discard 0
8:0 Total 12288
254:1 Read 1
254:1 Total 1
Total 12289
`;
const OPERATIONS = `8:0 Read 1
8:0 Write 2
8:0 Total 3
Total 3
`;
const STAT = `8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0
254:0
7:1 7:0 rbytes=1
`;

const shown = (all: ReturnType<typeof parseDeviceIoV1>) =>
  all.map(({ device, bytes, operations }) => [device, Object.fromEntries(bytes), Object.fromEntries(operations)]);

test('v1', () => {
  expect(shown(parseDeviceIoV1(BYTES, OPERATIONS))).toEqual([
    [
      '8:0',
      { Read: 4096n, Write: 8192n, Sync: 12288n, Async: 0n, Discard: 0n, Total: 12288n },
      { Read: 1n, Write: 2n, Total: 3n },
    ],
    ['254:1', { Read: 1n, Total: 1n }, {}],
  ]);
});

test('v2', () => {
  expect(shown(parseDeviceIoV2(STAT))).toEqual([
    ['8:0', { Read: 4096n, Write: 8192n, Discard: 0n }, { Read: 1n, Write: 2n, Discard: 0n }],
    ['7:0', { Read: 1n }, {}],
  ]);
});

test.each([undefined, '', 'Total 0\n'])('nothing out of %j', (text) => {
  expect(parseDeviceIoV1(text, text)).toEqual([]);
  expect(parseDeviceIoV2(text)).toEqual([]);
});
