import { parseCount } from '../kernel-text';

/** What a cgroup has had from one block device, or sent there, since it was made. */
export interface DeviceIo {
  /** The device's numbers: `8:0`. */
  readonly device: string;
  /** Bytes, by what was done: `Read`, `Write`, and on v1 whatever else the kernel tells. */
  readonly bytes: ReadonlyMap<string, bigint>;
  /** Operations, likewise. */
  readonly operations: ReadonlyMap<string, bigint>;
}

/** Out of blkio.throttle.io_service_bytes_recursive and io_serviced_recursive: lines "8:0 Read 4096". */
export function parseDeviceIoV1(bytes: string | undefined, operations: string | undefined): DeviceIo[] {
  const [byteTable, operationTable] = [parseTable(bytes ?? ''), parseTable(operations ?? '')];
  return [...byteTable].map(([device, counts]) => ({
    device,
    bytes: counts,
    operations: operationTable.get(device) ?? new Map<string, bigint>(),
  }));
}

/** The keys of io.stat, and what was done. */
const BYTES_V2 = [
  ['rbytes', 'Read'],
  ['wbytes', 'Write'],
  ['dbytes', 'Discard'],
] as const;
const OPERATIONS_V2 = [
  ['rios', 'Read'],
  ['wios', 'Write'],
  ['dios', 'Discard'],
] as const;

/**
 * Out of io.stat: lines "8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0". Some kernels write the numbers of devices
 * that had nothing before those of the next one, on its line.
 */
export function parseDeviceIoV2(stat: string | undefined): DeviceIo[] {
  return (stat ?? '').split('\n').flatMap((line) => {
    const words = line.trim().split(' ');
    const device = words.findLast((word) => !word.includes('=')) ?? '';
    const pairs = words.filter((word) => word.includes('='));
    const counts = new Map(pairs.map((pair) => pair.split('=') as [string, string | undefined]));
    const named = (names: readonly (readonly [string, string])[]) =>
      new Map(
        names.flatMap(([key, name]): [string, bigint][] => {
          const count = parseCount(counts.get(key));
          return count === undefined ? [] : [[name, count]];
        }),
      );
    const bytes = named(BYTES_V2);
    return bytes.size === 0 ? [] : [{ device, bytes, operations: named(OPERATIONS_V2) }];
  });
}

function parseTable(text: string): Map<string, Map<string, bigint>> {
  const table = new Map<string, Map<string, bigint>>();
  for (const [, device = '', operation = '', count = ''] of text.matchAll(/^(\d+:\d+) (\w+) (\d+)$/gm)) {
    const counts = table.get(device) ?? new Map<string, bigint>();
    table.set(device, counts.set(operation, BigInt(count)));
  }
  return table;
}
