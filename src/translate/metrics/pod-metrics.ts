import type { ContainerMetrics, MetricDescriptor, PodSandboxMetrics } from '../../../generated/runtime/v1/api';
import type { PodReading } from '../../stats/pod-meter';
import { SANDBOX_CONTAINER } from '../names';
import { COMPUTE_METRICS } from './compute';
import { descriptorOf, metricsOf, type Whose } from './definition';
import { DISK_METRICS } from './disk';
import type { MeasuredContainer } from './measured';
import { NETWORK_METRICS } from './network';
import { PROCESS_METRICS } from './process';
import { SPEC_METRICS } from './spec';
import { USAGE_METRICS } from './usage';

const CONTAINER_METRICS = [...COMPUTE_METRICS, ...DISK_METRICS, ...PROCESS_METRICS, ...SPEC_METRICS];

/** Every metric that there can be. */
export function metricDescriptors(): MetricDescriptor[] {
  return [...USAGE_METRICS, ...CONTAINER_METRICS, ...NETWORK_METRICS].map(descriptorOf);
}

/** A sandbox and the pod that it is of. */
export type WhosePod = Pick<Whose, 'pod' | 'namespace' | 'id'>;

/**
 * The metrics of a sandbox: its network and, when it has a cgroup of its own, what the whole pod uses.
 * @param reading undefined for a sandbox that ended while it was read.
 */
export function podMetrics(
  whose: WhosePod,
  reading: PodReading | undefined,
  containerMetrics: ContainerMetrics[],
): PodSandboxMetrics {
  // cAdvisor has a pod's network under the pause container, where people look for it.
  const network = { ...whose, container: SANDBOX_CONTAINER, image: '' };
  const whole = { ...whose, container: '', image: '' };
  const metrics = [
    ...(reading?.network ? metricsOf(NETWORK_METRICS, network, reading.usage.at, reading.network) : []),
    ...(reading?.wholePod ? metricsOf(USAGE_METRICS, whole, reading.usage.at, reading.usage) : []),
  ];
  return { podSandboxId: whose.id, metrics, containerMetrics };
}

/** The metrics of a container that runs. */
export function containerMetrics(whose: Whose, measured: MeasuredContainer): ContainerMetrics {
  const { usage } = measured.reading;
  return {
    containerId: whose.id,
    metrics: [
      ...metricsOf(USAGE_METRICS, whose, usage.at, usage),
      ...metricsOf(CONTAINER_METRICS, whose, usage.at, measured),
    ],
  };
}
