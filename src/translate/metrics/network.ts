import type { InterfaceCounters } from '../../stats/network-devices';
import { counters, one, type MetricDefinition } from './definition';

type Network = readonly InterfaceCounters[];

/** A pod's network, by interface. */
export const NETWORK_METRICS: readonly MetricDefinition<Network>[] = [
  traffic('receive_bytes', 'Bytes received.', 'rxBytes'),
  traffic('receive_packets', 'Packets received.', 'rxPackets'),
  traffic('receive_packets_dropped', 'Packets received and dropped.', 'rxDropped'),
  traffic('receive_errors', 'Errors while receiving.', 'rxErrors'),
  traffic('transmit_bytes', 'Bytes sent.', 'txBytes'),
  traffic('transmit_packets', 'Packets sent.', 'txPackets'),
  traffic('transmit_packets_dropped', 'Packets dropped instead of sent.', 'txDropped'),
  traffic('transmit_errors', 'Errors while sending.', 'txErrors'),
];

function traffic(what: string, help: string, key: Exclude<keyof InterfaceCounters, 'name'>): MetricDefinition<Network> {
  return counters(`container_network_${what}_total`, help, ['interface'], (network) =>
    network.flatMap((counted) => one(counted[key], counted.name)),
  );
}
