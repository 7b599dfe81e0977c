import type { ContainerStatus, PodSandboxStatus } from '../../generated/runtime/v1/api';
import type { ContainerNetwork } from '../docker/types';
import type { ContainerProcess } from '../host/cgroup/container-cgroup';
import type { CallContext } from '../lib/call-context';
import { withImage, withInForce } from '../translate/container-status';
import { toPodSandboxStatus } from '../translate/sandbox-status';
import type { ImageIndex } from './image-index';
import type { NodeContainer, NodeSandbox } from './node-record';

export interface ShownStatusesNeeds {
  readonly images: Pick<ImageIndex, 'namesById'>;
  readonly oomScoreOf: (pid: number) => number | undefined;
  /** What updates have asked for of a container's cgroup files. */
  readonly updatedCgroupFiles: (containerId: string) => Readonly<Record<string, string>>;
  readonly readCgroupFiles: (of: ContainerProcess, files: readonly string[]) => Readonly<Record<string, string>>;
  /** A running pod's addresses, IPv4 first. */
  readonly addresses: (sandbox: ContainerNetwork) => Promise<readonly string[]>;
}

/**
 * Statuses as clients see them: records, with what Docker does not tell, as the images, the kernel and the network have it
 * now. So they are right after a pull, after an update, and after a restart of the shim.
 */
export class ShownStatuses {
  constructor(private readonly needs: ShownStatusesNeeds) {}

  async container(ctx: CallContext, { pid, status, ...rest }: NodeContainer): Promise<ContainerStatus> {
    const images = await this.needs.images.namesById(ctx);
    const shown = withImage(status, images.get(status.imageId));
    return pid === 0 ? shown : withInForce(shown, this.inForce({ containerId: rest.id, pid }, rest.cgroupFiles));
  }

  async containers(ctx: CallContext, containers: readonly NodeContainer[]): Promise<ContainerStatus[]> {
    return await Promise.all(containers.map((container) => this.container(ctx, container)));
  }

  async sandbox({ running, facts, network, runtimeHandler }: NodeSandbox): Promise<PodSandboxStatus> {
    const addresses = running ? await this.needs.addresses(network) : [];
    return toPodSandboxStatus(facts, addresses, runtimeHandler);
  }

  private inForce(process: ContainerProcess, createdWith: Readonly<Record<string, string>>) {
    const cgroupFiles = Object.keys({ ...createdWith, ...this.needs.updatedCgroupFiles(process.containerId) });
    return {
      oomScoreAdj: this.needs.oomScoreOf(process.pid),
      cgroupFiles: cgroupFiles.length > 0 ? this.needs.readCgroupFiles(process, cgroupFiles) : {},
    };
  }
}
