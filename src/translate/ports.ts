import { isIP } from 'node:net';
import { Protocol, type PortMapping } from '../../generated/runtime/v1/api';
import type { ContainerConfig, HostConfig, PortBinding } from '../docker/types';
import { invalid } from './checks';

export const LARGEST_PORT = 65_535;

/** @throws ShimError InvalidArgument for a port, protocol or address that can't be. */
export function checkPortMapping(mapping: PortMapping): void {
  const field = 'port_mappings';
  if (Protocol[mapping.protocol] === undefined) throw invalid(`${field}.protocol`, `is unknown: ${mapping.protocol}`);
  for (const [name, port] of [
    ['container_port', mapping.containerPort],
    ['host_port', mapping.hostPort],
  ] as const) {
    if (port < 0 || port > LARGEST_PORT) throw invalid(`${field}.${name}`, `must be a port, not ${port}`);
  }
  if (mapping.hostPort > 0 && mapping.containerPort === 0) {
    throw invalid(`${field}.container_port`, `is missing for host port ${mapping.hostPort}`);
  }
  if (mapping.hostIp !== '' && isIP(mapping.hostIp) === 0) {
    throw invalid(`${field}.host_ip`, `must be an IP address, not ${JSON.stringify(mapping.hostIp)}`);
  }
}

export function protocolName(protocol: Protocol): 'tcp' | 'udp' | 'sctp' {
  switch (protocol) {
    case Protocol.UDP:
      return 'udp';
    case Protocol.SCTP:
      return 'sctp';
    default:
      return 'tcp';
  }
}

/** Host ports for Docker to open. A mapping without a host port only documents the container's. */
export function dockerPorts(mappings: readonly PortMapping[]): {
  exposed: Pick<ContainerConfig, 'ExposedPorts'>;
  bindings: Pick<HostConfig, 'PortBindings'>;
} {
  const exposed: Record<string, object> = {};
  const bindings: Record<string, PortBinding[]> = {};
  for (const mapping of mappings) {
    if (mapping.hostPort === 0) continue;
    const key = `${mapping.containerPort}/${protocolName(mapping.protocol)}`;
    exposed[key] = {};
    (bindings[key] ??= []).push({ HostIp: mapping.hostIp, HostPort: String(mapping.hostPort) });
  }
  if (Object.keys(exposed).length === 0) return { exposed: {}, bindings: {} };
  return { exposed: { ExposedPorts: exposed }, bindings: { PortBindings: bindings } };
}
