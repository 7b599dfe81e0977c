import {
  ContainerConfig,
  CreateContainerRequest,
  PodSandboxConfig,
  RunPodSandboxRequest,
  RuntimeServiceService as Runtime,
  type ContainerStatus,
  type PodSandboxStatus,
} from '../../generated/runtime/v1/api';
import type { CallOptions } from './cri-client';
import { ENGINE_SOCKET, importBusybox } from './engine-under-test';
import type { ShimUnderTest } from './shim-under-test';

/** Parts of a configuration that a test is about; the rest is given. */
export type PodParts = Parameters<typeof PodSandboxConfig.fromPartial>[0];
export type ContainerParts = Parameters<typeof ContainerConfig.fromPartial>[0];

/** A pod that a test has made: its sandbox's id and its configuration, which its containers are made with. */
export interface TestPod {
  readonly id: string;
  readonly config: PodSandboxConfig;
}

/** For a CRI state to come, in milliseconds. */
const PATIENCE_MS = 15_000;

/** Pods and containers for tests, each with a name of its own, made over CRI. */
export class TestPods {
  private made = 0;

  private constructor(
    private readonly shim: ShimUnderTest,
    /** An image with a shell and the usual commands. */
    readonly image: string,
  ) {}

  /** @param engineSocket of the shim's engine */
  static async over(shim: ShimUnderTest, engineSocket = ENGINE_SOCKET): Promise<TestPods> {
    const image = `${shim.runName}/busybox:1`;
    await importBusybox(image, [], engineSocket);
    return new TestPods(shim, image);
  }

  /** A pod's configuration; `parts` win. */
  config(parts: PodParts = {}): PodSandboxConfig {
    this.made += 1;
    const name = `pod-${this.made}`;
    return PodSandboxConfig.fromPartial({
      metadata: { name, namespace: this.shim.runName, uid: `uid-${this.made}`, attempt: 0 },
      logDirectory: `${this.shim.directory}/logs/${name}`,
      ...parts,
    });
  }

  async run(parts: PodParts = {}, options?: CallOptions): Promise<TestPod> {
    return await this.runConfig(this.config(parts), options);
  }

  async runConfig(config: PodSandboxConfig, options?: CallOptions): Promise<TestPod> {
    const request = RunPodSandboxRequest.fromPartial({ config });
    const { podSandboxId } = await this.shim.call(Runtime.runPodSandbox, request, options);
    return { id: podSandboxId, config };
  }

  /** A container that sleeps, unless `parts` say otherwise, created and not started. */
  async create(pod: TestPod, parts: ContainerParts = {}, options?: CallOptions): Promise<string> {
    this.made += 1;
    const config = ContainerConfig.fromPartial({
      metadata: { name: `container-${this.made}`, attempt: 0 },
      image: { image: this.image },
      command: ['sleep', '3600'],
      logPath: `container-${this.made}.log`,
      ...parts,
    });
    const request = CreateContainerRequest.fromPartial({ podSandboxId: pod.id, config, sandboxConfig: pod.config });
    return (await this.shim.call(Runtime.createContainer, request, options)).containerId;
  }

  async started(pod: TestPod, parts: ContainerParts = {}): Promise<string> {
    const containerId = await this.create(pod, parts);
    await this.shim.call(Runtime.startContainer, { containerId });
    return containerId;
  }

  /** Runs a container to its end. */
  async ended(pod: TestPod, parts: ContainerParts): Promise<ContainerStatus> {
    const containerId = await this.started(pod, parts);
    return await this.until(containerId, (status) => status.finishedAt !== 0n);
  }

  /** The standard output of a shell script in a running container. */
  async script(containerId: string, text: string): Promise<string> {
    const request = { containerId, cmd: ['sh', '-c', text], timeout: 20n };
    const { stdout, stderr, exitCode } = await this.shim.call(Runtime.execSync, request);
    if (exitCode !== 0) throw new Error(`${text} ended with ${exitCode}: ${stderr.toString()}`);
    return stdout.toString();
  }

  async status(containerId: string): Promise<ContainerStatus> {
    const { status } = await this.shim.call(Runtime.containerStatus, { containerId, verbose: false });
    if (status === undefined) throw new Error(`no status of container ${containerId}`);
    return status;
  }

  async sandboxStatus(podSandboxId: string): Promise<PodSandboxStatus> {
    const { status } = await this.shim.call(Runtime.podSandboxStatus, { podSandboxId, verbose: false });
    if (status === undefined) throw new Error(`no status of sandbox ${podSandboxId}`);
    return status;
  }

  /** The container's status once it is as wanted. */
  async until(containerId: string, wanted: (status: ContainerStatus) => boolean): Promise<ContainerStatus> {
    const giveUp = Date.now() + PATIENCE_MS;
    for (;;) {
      const status = await this.status(containerId);
      if (wanted(status)) return status;
      if (Date.now() > giveUp) throw new Error(`container ${containerId} does not become as wanted: ${status.state}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
