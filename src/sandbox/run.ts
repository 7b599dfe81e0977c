import { writeFile } from 'node:fs/promises';
import type {
  PodSandboxConfig,
  PodSandboxMetadata,
  RunPodSandboxRequest,
  RunPodSandboxResponse,
} from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import { isOnHostNetwork } from '../docker/network-mode';
import type { ContainerCreate, ContainerInspect } from '../docker/types';
import type { PodEvents } from '../index/cri-events/pod-events';
import { allToTheEnd } from '../lib/all-to-the-end';
import { throwIfEnded, type CallContext } from '../lib/call-context';
import { messageOf, ShimError, whileDoing } from '../lib/errors';
import type { KeyedMutex } from '../lib/keyed-mutex';
import { Rollback } from '../lib/rollback';
import type { PodNetwork } from '../network/pod-network';
import type { CheckpointStore } from '../store/checkpoint';
import type { RunJournal } from '../store/run-journal';
import { sandboxName } from '../translate/names';
import { networkedPod } from '../translate/pod-networking';
import { resolvConf } from '../translate/resolv-conf';
import { dockerRuntime, knowsHandler } from '../translate/runtime-handlers';
import { checkSandboxConfig, sandboxBody } from '../translate/sandbox-config';
import { appArmorWish } from '../translate/security/app-armor';
import { readSeccomp, requireAppArmor, type HostProfiles } from '../translate/security/host-profiles';
import { sandboxSeccompWish } from '../translate/security/seccomp';
import { withNodeUsers } from '../translate/users/node-users';
import { checkpointOf } from './checkpoint-of';
import type { PauseImage } from './pause/pause-image';
import { RunEntry } from './run-entry';
import type { OnStep } from './steps';

export interface RunNeeds extends HostProfiles {
  readonly engine: Pick<
    Engine,
    'createContainer' | 'startContainer' | 'inspectContainer' | 'listContainers' | 'removeContainer'
  >;
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
  /** For a runtime that is not among those: an engine takes up new ones without a restart. */
  readonly freshFacts: (ctx: CallContext) => Promise<Pick<EngineFacts, 'runtimes'>>;
  readonly pauseImage: Pick<PauseImage, 'ensure'>;
  readonly pods: KeyedMutex;
  readonly journal: Pick<RunJournal, 'begin' | 'end'>;
  readonly checkpoints: Pick<CheckpointStore, 'read' | 'write' | 'remove'>;
  readonly network: Pick<PodNetwork, 'dockerNetworkMode' | 'attach' | 'detach' | 'knows'>;
  readonly lowestOomScore: number;
  readonly podEvents: Pick<PodEvents, 'whileMaking'>;
  readonly onStep: OnStep;
}

type CheckedConfig = PodSandboxConfig & { readonly metadata: PodSandboxMetadata };

/**
 * RunPodSandbox: a ready pod, or nothing. The steps: journal, create, start and checkpoint, resolv.conf, network; what a failed
 * or abandoned call has made is undone in reverse. A call for a sandbox that runs already, complete, answers its id.
 */
export function runPodSandbox(needs: RunNeeds) {
  return async (request: RunPodSandboxRequest, ctx: CallContext): Promise<RunPodSandboxResponse> => {
    const facts = await needs.facts(ctx);
    const config = checkSandboxConfig(request.config, facts);
    requireAppArmor(needs, appArmorWish(config.linux?.securityContext?.apparmor, ''));
    const name = sandboxName(config.metadata);
    const make = async (): Promise<RunPodSandboxResponse> => {
      const body = await makeBody(needs, ctx, facts, config, request.runtimeHandler);
      return { podSandboxId: await setUp(needs, ctx, config, name, body) };
    };
    return await needs.pods.run(ctx, name, () => needs.podEvents.whileMaking(name, make));
  };
}

async function makeBody(
  needs: RunNeeds,
  ctx: CallContext,
  facts: EngineFacts,
  config: CheckedConfig,
  handler: string,
): Promise<ContainerCreate> {
  const body = sandboxBody(config, {
    image: await needs.pauseImage.ensure(ctx),
    cgroupDriver: facts.cgroupDriver,
    podNetwork: needs.network.dockerNetworkMode,
    lowestOomScore: needs.lowestOomScore,
    runtime: await runtimeOf(needs, ctx, facts, handler),
    seccomp: await readSeccomp(needs, sandboxSeccompWish(config.linux?.securityContext)),
  });
  return withNodeUsers(body, facts.remapsUsers);
}

async function runtimeOf(needs: RunNeeds, ctx: CallContext, known: EngineFacts, handler: string): Promise<string> {
  const { runtimes } = knowsHandler(handler, known.runtimes) ? known : await needs.freshFacts(ctx);
  return dockerRuntime(handler, runtimes);
}

async function setUp(
  needs: RunNeeds,
  ctx: CallContext,
  config: CheckedConfig,
  name: string,
  body: ContainerCreate,
): Promise<string> {
  const rollback = new Rollback();
  try {
    const entry = await RunEntry.begin(needs, name);
    needs.onStep('run:journaled');
    const { id, outcome } = await entry.create(ctx, body);
    if (outcome === 'complete already') return id;
    needs.onStep('run:created');
    rollback.push('remove the pause container', (fresh) => entry.undo(fresh, id));
    throwIfEnded(ctx);

    rollback.push('remove the checkpoint', () => needs.checkpoints.remove(id));
    // The checkpoint waits for the disk while Docker starts the container, which takes longer.
    await allToTheEnd([needs.engine.startContainer(ctx, id), needs.checkpoints.write(id, checkpointOf(config))]);
    needs.onStep('run:started');
    const started = await needs.engine.inspectContainer(ctx, id);
    await writeResolvConf(started, config);
    needs.onStep('run:resolved');
    throwIfEnded(ctx);

    if (!isOnHostNetwork(started)) {
      await needs.network.attach(ctx, networkedPod(started, config.dnsConfig));
      needs.onStep('run:attached');
      throwIfEnded(ctx);
    }
    await entry.finish();
    needs.onStep('run:finished');
    return id;
  } catch (error) {
    await rollback.undo(ctx);
    throw whileDoing(`run pod sandbox ${config.metadata.namespace}/${config.metadata.name}`, error);
  }
}

/** Docker writes a resolv.conf of its own when it starts the container; the pod's replaces it, in place: it is mounted. */
async function writeResolvConf(sandbox: ContainerInspect, config: CheckedConfig): Promise<void> {
  const text = resolvConf(config.dnsConfig);
  if (text === undefined) return;
  const { ResolvConfPath: path } = sandbox;
  if (path === undefined || path === '') throw new ShimError('Internal', 'docker names no resolv.conf of the sandbox');
  await writeFile(path, text).catch((error: unknown) => {
    throw new ShimError('Internal', `cannot write the pod's resolv.conf: ${messageOf(error)}`, error);
  });
}
