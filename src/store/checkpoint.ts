import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile, writeAtomically } from './atomic-file';

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

/** The checkpoints of a node: one file a sandbox, named by its id, under `<root>/sandbox`. */
export class CheckpointStore {
  constructor(private readonly directory: string) {}

  async write(sandboxId: string, checkpoint: Checkpoint): Promise<void> {
    await writeAtomically(join(this.directory, sandboxId), serialize(checkpoint));
  }

  async remove(sandboxId: string): Promise<void> {
    await removeFile(join(this.directory, sandboxId));
  }

  /** The ids of the sandboxes that have one. */
  async ids(): Promise<string[]> {
    try {
      return (await readdir(this.directory)).filter((name) => !name.startsWith('.'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
}

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

/**
 * cri-dockerd's checksum: FNV-1a, 32 bits, over the text in which its debug printer shows the data. A file with another
 * checksum is deleted by cri-dockerd as corrupt.
 */
export function checksum(checkpoint: Pick<Checkpoint, 'hostNetwork' | 'portMappings'>): number {
  const ports = checkpoint.portMappings.map(
    (port) =>
      `<*>{Protocol:(*config.Protocol)${port.protocol} ContainerPort:(*int32)${port.containerPort} ` +
      `HostPort:(*int32)${port.hostPort} HostIP:(string)${port.hostIp}}`,
  );
  const list = ports.length === 0 ? '<nil>' : `[${ports.join(' ')}]`;
  const text = `(core.CheckpointData){PortMappings:([]*config.PortMapping)${list} HostNetwork:(bool)${checkpoint.hostNetwork}}`;
  return fnv1a(text);
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
