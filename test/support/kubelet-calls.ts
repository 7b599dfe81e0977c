import {
  ContainerConfig,
  CreateContainerRequest,
  PodSandboxConfig,
  PodSandboxState,
  RunPodSandboxRequest,
  RuntimeServiceService as Runtime,
} from '../../generated/runtime/v1/api';
import type { CallOptions, CriClient } from './cri-client';

/** What no step of the tests takes, in milliseconds. */
const PATIENCE: CallOptions = { timeoutMs: 60_000 };

/** One pod as a kubelet makes, repeats and ends it, with a host port and DNS of its own. */
export class KubeletCalls {
  readonly config: PodSandboxConfig;

  /** @param image of the pod's containers */
  constructor(
    private readonly client: CriClient,
    namespace: string,
    private readonly image: string,
    name = 'web',
  ) {
    this.config = PodSandboxConfig.fromPartial({
      metadata: { name, namespace, uid: `uid-${name}`, attempt: 0 },
      dnsConfig: { servers: ['10.1.2.3'] },
      portMappings: name === 'web' ? [{ containerPort: 80, hostPort: 18_180 }] : [],
    });
  }

  async run(options: CallOptions = PATIENCE): Promise<string> {
    const request = RunPodSandboxRequest.fromPartial({ config: this.config });
    return (await this.client.call(Runtime.runPodSandbox, request, options)).podSandboxId;
  }

  /** A container that runs for longer than any test. */
  async startContainer(podSandboxId: string): Promise<void> {
    const config = ContainerConfig.fromPartial({
      metadata: { name: 'app', attempt: 0 },
      image: { image: this.image },
      command: ['sleep', '3600'],
    });
    const request = CreateContainerRequest.fromPartial({ podSandboxId, config, sandboxConfig: this.config });
    const { containerId } = await this.client.call(Runtime.createContainer, request, PATIENCE);
    await this.client.call(Runtime.startContainer, { containerId }, PATIENCE);
  }

  async isReady(podSandboxId: string): Promise<boolean> {
    const { status } = await this.client.call(Runtime.podSandboxStatus, { podSandboxId, verbose: false }, PATIENCE);
    return status?.state === PodSandboxState.SANDBOX_READY;
  }

  async stop(podSandboxId: string, options: CallOptions = PATIENCE): Promise<void> {
    await this.client.call(Runtime.stopPodSandbox, { podSandboxId }, options);
  }

  async remove(podSandboxId: string, options: CallOptions = PATIENCE): Promise<void> {
    await this.client.call(Runtime.removePodSandbox, { podSandboxId }, options);
  }

  /** The whole life of the pod, with a container that runs. */
  async live(): Promise<void> {
    const id = await this.run();
    await this.startContainer(id);
    await this.stop(id);
    await this.remove(id);
  }
}
