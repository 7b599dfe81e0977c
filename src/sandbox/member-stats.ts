import type { PodSandboxAttributes, PodSandboxStats } from '../../generated/runtime/v1/api';
import type { ContainerSummary } from '../docker/types';
import { podSandboxStats, type PodReading } from '../translate/pod-stats';
import { containerAttributes, containerStats, type ContainerReading } from '../translate/stats';

/** A sandbox's stats with those of its members that run. */
export function statsWithMembers(
  attributes: PodSandboxAttributes,
  reading: PodReading | undefined,
  members: readonly ContainerSummary[],
  readings: ReadonlyMap<string, ContainerReading>,
  storeMountpoint: string,
): PodSandboxStats {
  const measured = members.flatMap((row) => {
    const found = readings.get(row.Id);
    return found === undefined ? [] : [{ row, reading: found }];
  });
  const containers = measured.map(({ row, reading: member }) =>
    containerStats(containerAttributes(row.Id, row.Names?.[0] ?? '', row.Labels), member, storeMountpoint),
  );
  const memberReadings = measured.map((one) => one.reading);
  return podSandboxStats(attributes, reading, memberReadings, containers);
}
