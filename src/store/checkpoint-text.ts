/** What is kept of a sandbox beside its container, in cri-dockerd's format, so that cri-dockerd could take over again. */
export interface Checkpoint {
  readonly name: string;
  readonly namespace: string;
  readonly hostNetwork: boolean;
  readonly portMappings: readonly CheckpointPort[];
}

export interface CheckpointPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIp: string;
}

const VERSION = 'v1';

/** The programs whose files have this format, and what their data types are called there, which their checksums tell. */
const TYPE_NAMES = {
  'cri-dockerd': { data: 'core.CheckpointData', port: 'config.PortMapping', protocol: 'config.Protocol' },
  dockershim: { data: 'dockershim.CheckpointData', port: 'dockershim.PortMapping', protocol: 'dockershim.Protocol' },
} as const;

export type CheckpointProgram = keyof typeof TYPE_NAMES;

/** The file's text. Empty and false fields are left out, as Go's omitempty does. */
export function serialize(checkpoint: Checkpoint): string {
  const ports = checkpoint.portMappings.map((port) => ({
    protocol: port.protocol,
    container_port: port.containerPort,
    host_port: port.hostPort,
    ...(port.hostIp !== '' && { host_ip: port.hostIp }),
  }));
  return JSON.stringify({
    version: VERSION,
    name: checkpoint.name,
    namespace: checkpoint.namespace,
    data: {
      ...(ports.length > 0 && { port_mappings: ports }),
      ...(checkpoint.hostNetwork && { host_network: true }),
    },
    checksum: checksum(checkpoint),
  });
}

/** What a file says; undefined for one that none of the programs has written, or that was damaged since. */
export function parse(
  text: string,
  programs: readonly CheckpointProgram[] = ['cri-dockerd', 'dockershim'],
): Checkpoint | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || !isObject(value.data)) return undefined;
  const { name, namespace, data } = value;
  const portMappings = portsOf(data.port_mappings);
  if (typeof name !== 'string' || typeof namespace !== 'string' || portMappings === undefined) return undefined;
  const checkpoint = { name, namespace, hostNetwork: data.host_network === true, portMappings };
  return programs.some((program) => value.checksum === checksum(checkpoint, program)) ? checkpoint : undefined;
}

/**
 * The program's checksum: FNV-1a, 32 bits, over the text in which its debug printer shows the data. A file with another
 * checksum is deleted by it as corrupt.
 */
export function checksum(
  checkpoint: Pick<Checkpoint, 'hostNetwork' | 'portMappings'>,
  program: CheckpointProgram = 'cri-dockerd',
): number {
  const names = TYPE_NAMES[program];
  const ports = checkpoint.portMappings.map(
    (port) =>
      `<*>{Protocol:(*${names.protocol})${port.protocol} ContainerPort:(*int32)${port.containerPort} ` +
      `HostPort:(*int32)${port.hostPort} HostIP:(string)${port.hostIp}}`,
  );
  const list = ports.length === 0 ? '<nil>' : `[${ports.join(' ')}]`;
  return fnv1a(`(${names.data}){PortMappings:([]*${names.port})${list} HostNetwork:(bool)${checkpoint.hostNetwork}}`);
}

/** No list is no ports; undefined for anything that is no list of port mappings. */
function portsOf(value: unknown): CheckpointPort[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return undefined;
  const ports = value.map(portOf);
  return ports.every((port) => port !== undefined) ? ports : undefined;
}

function portOf(value: unknown): CheckpointPort | undefined {
  if (!isObject(value)) return undefined;
  const { protocol, container_port: containerPort, host_port: hostPort, host_ip: hostIp = '' } = value;
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') return undefined;
  if (typeof containerPort !== 'number' || typeof hostPort !== 'number' || typeof hostIp !== 'string') return undefined;
  return { protocol, containerPort, hostPort, hostIp };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
