import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ShimError } from '../../lib/errors';
import { removeFile, writeAtomically } from '../../store/atomic-file';
import { namesIn } from '../../store/present-files';
import { POD_INTERFACE, type Attachment } from './attachment/attachment';
import { parseNetworkList, type NetworkConfig } from './configuration/network-config';
import { isJsonObject, type JsonObject } from './json';
import type { AddResult } from './plugins/result';

/** What is kept of an attachment from before its ADD until its DEL has succeeded. */
export interface CachedAttachment {
  readonly network: string;
  readonly containerId: string;
  readonly ifName: string;
  /** The text of the network's list; undefined in files of libcni before 0.8, or in a damaged one. */
  readonly config: string | undefined;
  /** Undefined where `config` is. */
  readonly attachment: Attachment | undefined;
  /** What ADD answered; undefined when it has not. */
  readonly result: AddResult | undefined;
}

const KIND = 'cniCacheV1';
/**
 * The network of `lo`, which the predecessors attached, and the shim does not: Docker brings it up itself. In their
 * entries it has the name of the pod's interface, and addresses that are not the pod's.
 */
const LOOPBACK = 'cni-loopback';

/**
 * libcni's cache: `results/<network>-<container>-<interface>` below the cache directory, so that other tools, and a
 * runtime that takes over or back, find it. The field `netns` of newer libcnis is left out: the path of a Docker
 * container's namespace has a process id in it, which may be somebody else's by the time it is read.
 */
export class ResultCache {
  private readonly directory: string;

  constructor(cacheDir: string) {
    this.directory = join(cacheDir, 'results');
  }

  async write(network: NetworkConfig, attachment: Attachment, result: AddResult | undefined): Promise<void> {
    const { containerId, ifName, args, capabilityArgs } = attachment;
    const entry = {
      kind: KIND,
      containerId,
      config: Buffer.from(network.text, 'utf8').toString('base64'),
      ifName,
      networkName: network.name,
      cniArgs: args,
      capabilityArgs,
      ...(result !== undefined && { result }),
    };
    // A power cut ends all pods. An entry that it damages is still found by its name, as one of an old libcni is.
    await writeAtomically(this.path(network.name, containerId, ifName), JSON.stringify(entry), { sync: false });
  }

  /** One that is not there is as good as removed. */
  async remove(network: string, containerId: string, ifName: string): Promise<void> {
    await removeFile(this.path(network, containerId, ifName));
  }

  /** The attachments of one interface of a container: one, but for a network that was renamed meanwhile. */
  async find(containerId: string, ifName: string): Promise<CachedAttachment[]> {
    const names = (await namesIn(this.directory)).filter((name) => !name.startsWith(`${LOOPBACK}-`));
    return await this.read(names.filter((name) => name.endsWith(`-${containerId}-${ifName}`)));
  }

  /** Removes what a predecessor kept of the container's loopback: the kernel takes that back with the namespace. */
  async removeLoopback(containerId: string): Promise<void> {
    const names = await namesIn(this.directory);
    for (const name of names.filter((one) => one.startsWith(`${LOOPBACK}-${containerId}-`))) {
      await removeFile(join(this.directory, name));
    }
  }

  /** The sandboxes of Kubernetes' pods, by their own arguments: others may keep theirs in the same directory. */
  async sandboxes(): Promise<string[]> {
    const all = await this.read(await namesIn(this.directory));
    return all.filter(isOfPod).map(({ containerId }) => containerId);
  }

  private path(network: string, containerId: string, ifName: string): string {
    return join(this.directory, `${network}-${containerId}-${ifName}`);
  }

  private async read(names: readonly string[]): Promise<CachedAttachment[]> {
    const found: CachedAttachment[] = [];
    for (const name of names) {
      const text = await readFile(join(this.directory, name), 'utf8').catch(() => undefined);
      const entry = text === undefined ? undefined : parseEntry(name, text);
      if (entry !== undefined) found.push(entry);
    }
    return found;
  }
}

/**
 * The network of an entry, as it was configured when the pod was attached, or else as it is now: another runtime may have
 * taken a configuration that is refused here.
 * @throws ShimError when there is neither
 */
export function networkOf(cached: CachedAttachment, present: NetworkConfig | undefined): NetworkConfig {
  const now = present?.name === cached.network ? present : undefined;
  try {
    if (cached.config !== undefined) return parseNetworkList(cached.config);
  } catch (error) {
    if (now === undefined) throw error;
  }
  if (now !== undefined) return now;
  throw new ShimError(
    'FailedPrecondition',
    `its entry in the CNI cache has no configuration, and the network ${cached.network} is not configured any more`,
  );
}

function isOfPod({ ifName, containerId, attachment }: CachedAttachment): boolean {
  if (ifName !== POD_INTERFACE) return false;
  const args = attachment?.args ?? [];
  return args.some(([key, value]) => key === 'K8S_POD_INFRA_CONTAINER_ID' && value === containerId);
}

/** Container ids have no dash, and neither do the interfaces of pods; networks may. */
const FILE_NAME = /^(.+)-([^-]+)-([^-]+)$/;

function parseEntry(name: string, text: string): CachedAttachment | undefined {
  const [, network, containerId, ifName] = FILE_NAME.exec(name) ?? [];
  if (network === undefined || containerId === undefined || ifName === undefined) return undefined;
  const base = { network, containerId, ifName };
  const value = parseObject(text);
  // Before 0.8, libcni kept the bare result.
  if (value?.kind !== KIND) return { ...base, config: undefined, attachment: undefined, result: value };
  const { config, cniArgs, capabilityArgs, result } = value;
  return {
    ...base,
    config: typeof config === 'string' ? Buffer.from(config, 'base64').toString('utf8') : undefined,
    attachment: { containerId, ifName, args: pairsOf(cniArgs), capabilityArgs: objectOf(capabilityArgs) ?? {} },
    result: objectOf(result),
  };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

function pairsOf(value: unknown): [string, string][] {
  const pairs: unknown[] = Array.isArray(value) ? value : [];
  return pairs.filter(
    (pair): pair is [string, string] =>
      Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string'),
  );
}
