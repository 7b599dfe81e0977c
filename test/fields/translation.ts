import {
  CreateContainerRequest,
  PullImageRequest,
  RunPodSandboxRequest,
  UpdateContainerResourcesRequest,
} from '../../generated/runtime/v1/api';
import { updateContainerResources } from '../../src/container/update-resources';
import type { EngineFacts } from '../../src/docker/engine-facts';
import type { ContainerInspect } from '../../src/docker/types';
import { isMeantFor, registryAuth } from '../../src/image/credentials';
import { inspectedContainer } from '../../src/index/node-record';
import { canonical, requestedReference } from '../../src/translate/image-reference';
import { KeyedMutex } from '../../src/lib/keyed-mutex';
import { findAccount } from '../../src/translate/users/accounts';
import { checkContainerConfig, containerBody, type ContainerAbilities } from '../../src/translate/container-config';
import { containerName, sandboxName } from '../../src/translate/names';
import { resolvConf } from '../../src/translate/resolv-conf';
import { dockerRuntime } from '../../src/translate/runtime-handlers';
import { checkSandboxConfig, sandboxBody } from '../../src/translate/sandbox-config';
import {
  containerSeccompWish,
  sandboxSeccompWish,
  type Seccomp,
  type SeccompWish,
} from '../../src/translate/security/seccomp';
import { userToLookUp } from '../../src/translate/users/user';
import { aCall } from '../support/a-call';
import type { RequestName } from './field';

const POD = { name: 'pod', namespace: 'default', uid: 'uid', attempt: 0 };
const ID = '1'.repeat(64);
const RUNTIMES = { names: ['runc', 'crun'], default: 'runc', recursiveReadOnly: ['runc'] };
/** The accounts of every image. */
const PASSWD = 'root:x:0:0::/:\nwww:x:1000:1001::/:';
const GROUP = 'extra:x:50000:www';
/** An engine and a host that can do all that any can. */
const ABILITIES: ContainerAbilities = {
  readOnlyReach: true,
  recursiveReadOnly: true,
  imageMounts: true,
  cdi: true,
  selinux: true,
  seccomp: true,
  appArmor: true,
  cgroupV2: true,
  swapLimit: true,
  hugepageSizes: ['2MB'],
  engine: '28.0.1',
};

/** What a request comes to before anything is done on the host. @throws ShimError for one that is refused. */
export async function translate(request: RequestName, given: object): Promise<unknown> {
  switch (request) {
    case 'RunPodSandboxRequest':
      return runPod(RunPodSandboxRequest.fromPartial(given));
    case 'CreateContainerRequest':
      return createContainer(CreateContainerRequest.fromPartial(given));
    case 'UpdateContainerResourcesRequest':
      return await update(UpdateContainerResourcesRequest.fromPartial({ containerId: ID, ...given }));
    case 'PullImageRequest':
      return pull(PullImageRequest.fromPartial(given));
  }
}

function runPod({ config, runtimeHandler }: RunPodSandboxRequest): unknown {
  const whole = {
    ...RunPodSandboxRequest.fromPartial({ config: { metadata: POD } }).config,
    ...withoutUndefined(config),
  };
  const checked = checkSandboxConfig(whole as Parameters<typeof checkSandboxConfig>[0], ABILITIES);
  const body = sandboxBody(checked, {
    image: 'pause:1',
    cgroupDriver: 'cgroupfs',
    podNetwork: 'none',
    lowestOomScore: -1000,
    runtime: dockerRuntime(runtimeHandler, RUNTIMES),
    seccomp: asRead(sandboxSeccompWish(checked.linux?.securityContext)),
  });
  return { name: sandboxName(checked.metadata), body, resolvConf: resolvConf(checked.dnsConfig) };
}

function createContainer({ config, sandboxConfig }: CreateContainerRequest): unknown {
  const least = CreateContainerRequest.fromPartial({
    config: { metadata: { name: 'app' }, image: { image: 'busybox:1' } },
    sandboxConfig: { logDirectory: '/var/log/pods/pod' },
  });
  const pod = sandboxConfig ?? least.sandboxConfig;
  const whole = { ...least.config, ...withoutUndefined(config) };
  const checked = checkContainerConfig(whole as Parameters<typeof checkContainerConfig>[0], pod, ABILITIES);
  const asked = userToLookUp(checked.linux?.securityContext);
  const body = containerBody(checked, {
    sandboxId: ID,
    sandboxConfig: pod,
    runtime: 'runc',
    selinuxLevel: '',
    cgroupDriver: 'cgroupfs',
    lowestOomScore: -1000,
    seccomp: asRead(containerSeccompWish(checked.linux?.securityContext)),
    abilities: ABILITIES,
    account: asked === undefined ? undefined : findAccount(PASSWD, GROUP, asked || '0'),
    logConfig: undefined,
  });
  return { name: containerName(POD, checked.metadata), body };
}

/** Required messages that an example leaves out are filled in, so what it leaves out must not overwrite them. */
function withoutUndefined(message: object | undefined): object {
  return Object.fromEntries(Object.entries(message ?? {}).filter(([, value]) => value !== undefined));
}

/** What the profile's file says does not matter here, but which file it is. */
function asRead(wish: SeccompWish): Seccomp {
  return wish.kind === 'file' ? { kind: 'profile', json: wish.path } : wish;
}

/** All that the verb changes of a container that runs. */
async function update(request: UpdateContainerResourcesRequest): Promise<unknown> {
  const changes: unknown[] = [];
  const container: ContainerInspect = {
    Id: ID,
    Name: '/k8s_app_pod_default_uid_0',
    Created: '',
    Image: '',
    State: {
      Status: 'running',
      Running: true,
      OOMKilled: false,
      Pid: 1,
      ExitCode: 0,
      Error: '',
      StartedAt: '',
      FinishedAt: '',
    },
    HostConfig: {},
    Config: { Image: '', Labels: { 'io.kubernetes.docker.type': 'container' } },
  };
  const note = (...change: unknown[]): Promise<void> => {
    changes.push(change);
    return Promise.resolve();
  };
  const verb = updateContainerResources({
    engine: { updateContainer: (_ctx, _id, resources) => note(resources) },
    index: { settledContainer: () => Promise.resolve(inspectedContainer(container, () => false, RUNTIMES)) },
    facts: () => Promise.resolve({ ...ABILITIES, runtimes: RUNTIMES } as unknown as EngineFacts),
    lowestOomScore: -1000,
    hugepageSizes: ABILITIES.hugepageSizes,
    cgroups: new KeyedMutex(),
    cgroupUpdates: { of: () => ({}), record: () => Promise.resolve() },
    readCgroupFiles: () => ({}),
    writeCgroupFiles: (_of, files) => note(files),
    setOomScore: (_of, score) => note(score),
  });
  await verb(request, aCall().ctx);
  return changes;
}

function pull({ image, auth }: PullImageRequest): unknown {
  const reference = requestedReference(image);
  const registry = reference.kind === 'name' ? reference.registry : '';
  const sent = isMeantFor(auth?.serverAddress ?? '', registry) ? registryAuth(auth, registry) : undefined;
  return { image: canonical(reference), sent };
}
