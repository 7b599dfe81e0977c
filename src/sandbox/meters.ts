import type { CallContext } from '../lib/call-context';
import type { ContainerReading } from '../stats/container-meter';
import type { PodReading } from '../stats/pod-meter';

/** Measures what runs; what ends meanwhile has no reading. */
export interface Meter<Reading> {
  read(ctx: CallContext, ids: readonly string[]): Promise<ReadonlyMap<string, Reading>>;
  /** Says which there are, running or not. */
  keepOnly(ids: Iterable<string>): void;
}

/** What the sandbox verbs need to measure pods with their containers. */
export interface PodMeters {
  /** By the id of the pause container. */
  readonly podMeter: Meter<PodReading>;
  readonly containerMeter: Meter<ContainerReading>;
}

/** Where the layers are. */
export interface StorePlace {
  directory(ctx: CallContext): Promise<string>;
}
