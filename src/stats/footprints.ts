import type { Engine } from '../docker/engine';
import { isOnHostNetwork } from '../docker/network-mode';
import type { ContainerInspect } from '../docker/types';
import { readKernelFile } from '../host/kernel-file';
import { parseProcessStart, processStart } from '../host/process-start';
import { throwIfEnded, withLimit, type CallContext } from '../lib/call-context';
import { isNotFound, kindOf, messageOf } from '../lib/errors';
import { Remembered } from '../lib/remembered';
import { findCgroup, isSomewhere, parentCgroup, type CgroupDirectories } from './cgroup-directories';
import { overlayUpperDirectory, mountsSeenBy, type MountInfo } from './mount-info';
import type { ReadFile } from './read-cgroup';
import { usageFiles, type UsageFiles } from './usage-files';

/** Where in the kernel's files a running container is seen. */
export interface Footprint {
  /** Its first process, in this process's PID namespace. */
  readonly pid: number;
  /** Of its first process: the file that says when it started, and what it said. */
  readonly statFile: string;
  readonly startedAt: string;
  readonly cgroup: CgroupDirectories;
  readonly files: UsageFiles;
  /** Those of the cgroup that it was put into by name: its pod's. Undefined when it is in the engine's own. */
  readonly podFiles: UsageFiles | undefined;
  readonly hostNetwork: boolean;
  /** Where what it writes lands; undefined with storage drivers other than overlay. */
  readonly upperDirectory: string | undefined;
}

/** How many containers that are new are looked at side by side. */
const LOOKS_AT_ONCE = 8;
/** The engine's inspect of a container can fail, or hang on a dead network mount; the others' numbers do not wait for it. */
const LONGEST_LOOK_MS = 2_000;

/** Finds each container once through Docker's inspect, and again when it has been restarted. */
export class Footprints {
  private readonly known = new Remembered<Footprint>();

  constructor(
    private readonly engine: Pick<Engine, 'inspectContainer'>,
    private readonly readFile: ReadFile,
  ) {}

  /** The footprints of those that run. A container that ends meanwhile has none. */
  async of(ctx: CallContext, ids: readonly string[]): Promise<ReadonlyMap<string, Footprint>> {
    const found = new Map<string, Footprint>();
    const unknown: string[] = [];
    for (const id of ids) {
      const known = this.known.get(id);
      if (known !== undefined && this.isStill(known)) found.set(id, known);
      else unknown.push(id);
    }
    if (unknown.length === 0) return found;
    const mounts = mountsSeenBy('self');
    for (let at = 0; at < unknown.length; at += LOOKS_AT_ONCE) {
      const some = unknown.slice(at, at + LOOKS_AT_ONCE);
      for (const [id, footprint] of await this.look(ctx, some, mounts)) found.set(id, footprint);
    }
    return found;
  }

  keepOnly(ids: ReadonlySet<string>): void {
    this.known.keepOnly(ids);
  }

  private isStill({ statFile, startedAt }: Footprint): boolean {
    return parseProcessStart(this.readFile(statFile) ?? '') === startedAt;
  }

  private async look(
    ctx: CallContext,
    ids: readonly string[],
    mounts: readonly MountInfo[],
  ): Promise<Map<string, Footprint>> {
    const found = new Map<string, Footprint>();
    const containers = await withLimit(ctx, LONGEST_LOOK_MS, 'looking for a container to measure', (soon) =>
      Promise.all(ids.map((id) => this.inspect(ctx, soon, id))),
    );
    for (const container of containers) {
      if (container === undefined || !container.State.Running) continue;
      const footprint = footprintOf(container, mounts);
      if (footprint === undefined) ctx.log.debug('no cgroup of this container in sight', { container: container.Id });
      else found.set(container.Id, footprint);
    }
    for (const id of ids) {
      const footprint = found.get(id);
      if (footprint === undefined) this.known.delete(id);
      else this.known.set(id, footprint);
    }
    return found;
  }

  private async inspect(ctx: CallContext, soon: CallContext, id: string): Promise<ContainerInspect | undefined> {
    try {
      return await this.engine.inspectContainer(soon, id);
    } catch (error) {
      throwIfEnded(ctx);
      if (isNotFound(error)) return undefined;
      if (!soon.signal.aborted && kindOf(error) === 'Unavailable') throw error;
      ctx.log.warn('a container is not measured', { container: id, error: messageOf(error) });
      return undefined;
    }
  }
}

function footprintOf(container: ContainerInspect, mounts: readonly MountInfo[]): Footprint | undefined {
  const pid = container.State.Pid;
  const startedAt = processStart(pid);
  const cgroup = findCgroup(container.Id, readKernelFile(`/proc/${pid}/cgroup`) ?? '', mounts);
  if (startedAt === undefined || !isSomewhere(cgroup)) return undefined;
  return {
    pid,
    statFile: `/proc/${pid}/stat`,
    startedAt,
    cgroup,
    files: usageFiles(cgroup),
    podFiles: isInPodCgroup(container) ? usageFiles(parentCgroup(container.Id, cgroup)) : undefined,
    hostNetwork: isOnHostNetwork(container),
    upperDirectory: container.GraphDriver?.Data?.['UpperDir'] ?? mountedUpperDirectory(pid),
  };
}

function isInPodCgroup({ HostConfig: { CgroupParent } }: ContainerInspect): boolean {
  return !/^\/*$/.test(CgroupParent ?? '');
}

/** Engines that keep images in containerd do not say where it is; the container's own root mount does. */
function mountedUpperDirectory(pid: number): string | undefined {
  return overlayUpperDirectory(mountsSeenBy(pid));
}
