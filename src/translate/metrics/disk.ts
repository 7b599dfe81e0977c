import { counters, gauges, one, type MetricDefinition, type Sample } from './definition';
import type { MeasuredContainer } from './measured';

const DEVICE = ['device'];
const DEVICE_AND_OPERATION = ['device', 'major', 'minor', 'operation'];

/** The file system that a container writes to, and what it has had from disks. */
export const DISK_METRICS: readonly MetricDefinition<MeasuredContainer>[] = [
  gauges('container_fs_inodes_free', 'Free inodes of the file system.', DEVICE, ({ fileSystem }) =>
    one(fileSystem?.inodesFree, fileSystem?.device ?? ''),
  ),
  gauges('container_fs_inodes_total', 'Inodes of the file system.', DEVICE, ({ fileSystem }) =>
    one(fileSystem?.inodes, fileSystem?.device ?? ''),
  ),
  gauges('container_fs_limit_bytes', 'Size of the file system.', DEVICE, ({ fileSystem }) =>
    one(fileSystem?.bytes, fileSystem?.device ?? ''),
  ),
  gauges('container_fs_usage_bytes', 'Size of the writable layer.', DEVICE, ({ reading, fileSystem }) =>
    one(reading.writableLayer?.bytes, fileSystem?.device ?? ''),
  ),
  ioMetric('container_fs_reads_bytes_total', 'Bytes read from disks.', 'bytes', 'Read'),
  ioMetric('container_fs_reads_total', 'Reads from disks.', 'operations', 'Read'),
  ioMetric('container_fs_writes_bytes_total', 'Bytes written to disks.', 'bytes', 'Write'),
  ioMetric('container_fs_writes_total', 'Writes to disks.', 'operations', 'Write'),
  counters(
    'container_blkio_device_usage_total',
    'Bytes to and from a block device.',
    DEVICE_AND_OPERATION,
    ({ reading, deviceName }) =>
      reading.details.io.flatMap(({ device, bytes }): Sample[] => {
        const [major = '', minor = ''] = device.split(':');
        return [...bytes].flatMap(([operation, value]) => one(value, deviceName(device), major, minor, operation));
      }),
  ),
];

function ioMetric(
  name: string,
  help: string,
  what: 'bytes' | 'operations',
  operation: string,
): MetricDefinition<MeasuredContainer> {
  return counters(name, help, DEVICE, ({ reading, deviceName }) =>
    reading.details.io.flatMap((io) => one(io[what].get(operation), deviceName(io.device))),
  );
}
