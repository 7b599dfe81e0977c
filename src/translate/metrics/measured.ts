import type { LinuxContainerResources } from '../../../generated/runtime/v1/api';
import type { ContainerReading } from '../stats';

/** All that the metrics of a container are made of. Bytes, nanoseconds; undefined is what the kernel does not tell. */
export interface MeasuredContainer {
  readonly reading: MeasuredReading;
  /** The file system that its layer is on; undefined when the shim can't see it. */
  readonly fileSystem:
    | { readonly device: string; readonly bytes: bigint; readonly inodes: bigint; readonly inodesFree: bigint }
    | undefined;
  /** Names of block devices by their numbers: `/dev/sda` by `8:0`. */
  readonly deviceName: (numbers: string) => string;
  /** Nanoseconds since 1970. */
  readonly startedAt: bigint;
  /** As it was made and updated. */
  readonly resources: LinuxContainerResources | undefined;
}

interface MeasuredReading extends ContainerReading {
  readonly details: {
    readonly cpu: Optional<'user' | 'system' | 'periods' | 'throttledPeriods' | 'throttled'>;
    readonly memory: Optional<
      | 'cache'
      | 'kernel'
      | 'mappedFile'
      | 'peak'
      | 'limitHits'
      | 'ownPageFaults'
      | 'ownMajorPageFaults'
      | 'oomKills'
      | 'reservation'
    >;
    readonly io: readonly {
      readonly device: string;
      /** By what was done: `Read`, `Write`, … */
      readonly bytes: ReadonlyMap<string, bigint>;
      readonly operations: ReadonlyMap<string, bigint>;
    }[];
    readonly hugepages: readonly { readonly size: string; readonly usage: bigint; readonly peak: bigint | undefined }[];
    /** Zero without a limit. */
    readonly mostTasks: bigint | undefined;
  };
  readonly processes:
    { readonly processes: bigint; readonly descriptors: bigint; readonly sockets: bigint } | undefined;
  readonly openFilesLimit: bigint | undefined;
}

type Optional<Name extends string> = Readonly<Record<Name, bigint | undefined>>;
