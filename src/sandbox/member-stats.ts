import type { PodSandboxAttributes, PodSandboxStats } from '../../generated/runtime/v1/api';
import type { NodeContainer } from '../index/node-record';
import type { ContainerReading } from '../stats/container-meter';
import type { PodReading } from '../stats/pod-meter';
import { toPodSandboxStats } from '../translate/pod-stats';
import { containerAttributes, toContainerStats } from '../translate/stats';

/** A sandbox's stats with those of its members that run. */
export function statsWithMembers(
  attributes: PodSandboxAttributes,
  reading: PodReading | undefined,
  members: readonly NodeContainer[],
  readings: ReadonlyMap<string, ContainerReading>,
  storeMountpoint: string,
): PodSandboxStats {
  const measured = members.flatMap(({ id, status }) => {
    const found = readings.get(id);
    return found === undefined ? [] : [{ status, reading: found }];
  });
  const containers = measured.map(({ status, reading: member }) =>
    toContainerStats(containerAttributes(status), member, storeMountpoint),
  );
  const memberReadings = measured.map((one) => one.reading);
  return toPodSandboxStats(attributes, reading, memberReadings, containers);
}
