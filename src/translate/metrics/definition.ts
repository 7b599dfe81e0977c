import { MetricType, type Metric, type MetricDescriptor } from '../../../generated/runtime/v1/api';

/** One value of a metric. */
export interface Sample {
  readonly value: bigint;
  /** Of the metric's own labels, in their order. */
  readonly labels: readonly string[];
}

/** What a metric is, and how it is had from what was measured. The names, labels and units are cAdvisor's. */
export interface MetricDefinition<Measured> {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  /** Its labels beyond those that all have. */
  readonly labels: readonly string[];
  /** None for what the kernel does not tell. */
  readonly samples: (measured: Measured) => readonly Sample[];
}

/** Whose the metric is; the same labels for all, as containerd and CRI-O have them. */
export interface Whose {
  readonly pod: string;
  readonly namespace: string;
  /** `POD` for the sandbox's network, empty for the whole pod. */
  readonly container: string;
  readonly id: string;
  readonly image: string;
}

const COMMON_LABELS = ['pod', 'namespace', 'container', 'id', 'image'];
const NANOSECONDS_IN_SECOND = 1_000_000_000n;

/** A metric with one value, or none. */
export function gauge<M>(name: string, help: string, value: (measured: M) => bigint | undefined): MetricDefinition<M> {
  return gauges(name, help, [], (measured) => one(value(measured)));
}

/** The same of what only grows. */
export function counter<M>(
  name: string,
  help: string,
  value: (measured: M) => bigint | undefined,
): MetricDefinition<M> {
  return counters(name, help, [], (measured) => one(value(measured)));
}

/** A metric with a value for each of its own labels' values. */
export function gauges<M>(
  name: string,
  help: string,
  labels: readonly string[],
  samples: (measured: M) => readonly Sample[],
): MetricDefinition<M> {
  return { name, help, type: MetricType.GAUGE, labels, samples };
}

/** The same of what only grows. */
export function counters<M>(
  name: string,
  help: string,
  labels: readonly string[],
  samples: (measured: M) => readonly Sample[],
): MetricDefinition<M> {
  return { name, help, type: MetricType.COUNTER, labels, samples };
}

/** One value, or none. */
export function one(value: bigint | undefined, ...labels: string[]): Sample[] {
  return value === undefined ? [] : [{ value, labels }];
}

/** A metric's value is a whole number, so its seconds are whole too. */
export function seconds(nanoseconds: bigint | undefined): bigint | undefined {
  return nanoseconds === undefined ? undefined : nanoseconds / NANOSECONDS_IN_SECOND;
}

export function descriptorOf({
  name,
  help,
  labels,
}: Pick<MetricDefinition<never>, 'name' | 'help' | 'labels'>): MetricDescriptor {
  return { name, help, labelKeys: [...COMMON_LABELS, ...labels] };
}

/** @param timestamp nanoseconds since 1970. */
export function metricsOf<M>(
  definitions: readonly MetricDefinition<M>[],
  whose: Whose,
  timestamp: bigint,
  measured: M,
): Metric[] {
  const common = [whose.pod, whose.namespace, whose.container, whose.id, whose.image];
  return definitions.flatMap(({ name, type, samples }) =>
    samples(measured).map(({ value, labels }) => ({
      name,
      timestamp,
      metricType: type,
      labelValues: labels.length === 0 ? common : [...common, ...labels],
      value: { value },
    })),
  );
}
