import type { LinuxContainerResources } from '../../../generated/runtime/v1/api';
import type { DetailedReading } from '../../stats/container-meter';
import type { FileSystem } from '../../stats/layer-store';

/** All that the metrics of a container are made of. Bytes, nanoseconds; undefined is what the kernel does not tell. */
export interface MeasuredContainer {
  readonly reading: DetailedReading;
  /** The file system that its layer is on; undefined when the shim can't see it. */
  readonly fileSystem: FileSystem | undefined;
  /** Names of block devices by their numbers: `/dev/sda` by `8:0`. */
  readonly deviceName: (numbers: string) => string;
  /** Nanoseconds since 1970. */
  readonly startedAt: bigint;
  /** As it was made and updated. */
  readonly resources: LinuxContainerResources | undefined;
}
