import type { CreateContainerRequest, CreateContainerResponse, Mount } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import { removeUntilGone } from '../docker/remove-container';
import type { ContainerCreate } from '../docker/types';
import type { ContainerIndex } from '../index/container-index';
import { cannotTell } from '../index/find-container';
import { throwIfEnded, type CallContext } from '../lib/call-context';
import { isNotFound, kindOf, ShimError, whileDoing } from '../lib/errors';
import type { KeyedMutex } from '../lib/keyed-mutex';
import { Rollback } from '../lib/rollback';
import { checkContainerConfig, containerBody, type ContainerAbilities } from '../translate/container-config';
import { kindOfContainer } from '../translate/labels';
import { spoolLogConfig } from '../translate/log-config';
import { containerName } from '../translate/names';
import { runtimeName } from '../translate/runtime-handlers';
import { appArmorWish } from '../translate/security/app-armor';
import { readSeccomp, requireAppArmor, type HostProfiles } from '../translate/security/host-profiles';
import { containerSeccompWish } from '../translate/security/seccomp';
import { withNodeUsers } from '../translate/users/node-users';
import { findAccountOf } from './accounts/find-account';
import type { ImageAccounts } from './accounts/image-accounts';
import { checkDevicesExist } from './check-devices';
import { checkPidTarget } from './check-pid-target';
import { createWithSpool } from './create-with-spool';
import type { HostPaths } from './host-paths';
import { checkImageSubPaths, prepareMounts } from './prepare-mounts';

export interface CreateNeeds extends HostProfiles {
  readonly engine: Pick<
    Engine,
    'inspectContainer' | 'inspectImage' | 'createContainer' | 'removeContainer' | 'findInContainer'
  >;
  readonly index: Pick<ContainerIndex, 'settledSandbox'>;
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
  readonly pods: KeyedMutex;
  readonly accounts: Pick<ImageAccounts, 'find'>;
  readonly hostPaths: Pick<HostPaths, 'resolve' | 'requireThere'>;
  readonly lowestOomScore: number;
  readonly hugepageSizes: readonly string[];
  /** Bytes of Docker's log that wait to become the CRI log; undefined when Docker's own is the log. */
  readonly logSpoolBytes: number | undefined;
}

/** CreateContainer: a container in a sandbox that runs, not started yet. A failed or abandoned call leaves none. */
export function createContainer(parts: CreateNeeds) {
  const needs = { ...parts, send: createWithSpool(parts.engine) };
  return async (request: CreateContainerRequest, ctx: CallContext): Promise<CreateContainerResponse> => {
    const sandbox = await needs.index.settledSandbox(ctx, request.podSandboxId);
    const { id: sandboxId, details } = sandbox;
    if (details === undefined) throw cannotTell('podsandbox', sandboxId);
    const facts = await needs.facts(ctx);
    const abilities = containerAbilities(needs, facts, details.runtime);
    const config = checkContainerConfig(request.config, request.sandboxConfig, abilities);
    checkSandboxRuns(sandboxId, sandbox.running);
    const pod = sandbox.facts.metadata;
    if (pod === undefined)
      throw new ShimError('Internal', `the sandbox ${sandboxId} has a foreign name, ${sandbox.name}`);
    await checkPidTarget(needs.engine, ctx, config, sandboxId);
    const security = config.linux?.securityContext;
    requireAppArmor(needs, appArmorWish(security?.apparmor, security?.apparmorProfile ?? ''));

    await checkDevicesExist(needs.hostPaths, ctx, config.devices);
    const mounts = await prepareMounts(needs.engine, needs.hostPaths, ctx, config.mounts);

    const name = containerName(pod, config.metadata);
    const { logSpoolBytes } = needs;
    const body = containerBody(
      { ...config, mounts },
      {
        sandboxId,
        sandboxConfig: request.sandboxConfig,
        runtime: details.runtime,
        selinuxLevel: details.selinuxLevel,
        cgroupDriver: facts.cgroupDriver,
        lowestOomScore: needs.lowestOomScore,
        seccomp: await readSeccomp(needs, containerSeccompWish(security)),
        abilities,
        account: await findAccountOf(needs.engine, needs.accounts, ctx, config),
        logConfig: logSpoolBytes === undefined ? undefined : spoolLogConfig(logSpoolBytes, facts.loggingDriver),
      },
    );
    // Serialised with the stopping of the pod, which must not miss a container that is just being made. It may have been
    // stopped since the first look: a stop returns when the index shows it.
    const containerId = await needs.pods.run(ctx, sandbox.name, async () => {
      checkSandboxRuns(sandboxId, (await needs.index.settledSandbox(ctx, sandboxId)).running);
      return await create(needs, ctx, name, withNodeUsers(body, facts.remapsUsers, details.usernsMode), mounts);
    });
    return { containerId };
  };
}

/** What can be had of this engine and host in this sandbox. */
function containerAbilities(needs: CreateNeeds, facts: EngineFacts, podRuntime: string): ContainerAbilities {
  const runtime = runtimeName(podRuntime, facts.runtimes);
  return {
    ...facts,
    engine: facts.version,
    recursiveReadOnly: facts.runtimes.recursiveReadOnly.includes(runtime),
    hugepageSizes: needs.hugepageSizes,
  };
}

function checkSandboxRuns(id: string, running: boolean): void {
  if (running) return;
  throw new ShimError('FailedPrecondition', `the pod sandbox ${id} does not run: its pod needs a new one`);
}

async function create(
  needs: CreateNeeds & { readonly send: ReturnType<typeof createWithSpool> },
  ctx: CallContext,
  name: string,
  body: ContainerCreate,
  mounts: readonly Mount[],
): Promise<string> {
  const rollback = new Rollback();
  try {
    const id = await needs.send(ctx, name, body).catch(async (error: unknown) => {
      if (kindOf(error) !== 'AlreadyExists') throw error;
      await removeEarlierAttempt(needs, ctx, name);
      return await needs.send(ctx, name, body);
    });
    rollback.push('remove the container', (fresh) => removeUntilGone(needs.engine, fresh, id));
    await checkImageSubPaths(needs.engine, ctx, id, mounts);
    throwIfEnded(ctx);
    return id;
  } catch (error) {
    await rollback.undo(ctx);
    throw whileDoing(`create container ${name}`, error);
  }
}

/**
 * Removes the container that has the name, unless it runs: it is left from a create whose answer was lost, or the
 * client has begun to count its attempts again. One that runs keeps the name.
 */
async function removeEarlierAttempt(needs: CreateNeeds, ctx: CallContext, name: string): Promise<void> {
  try {
    const holder = await needs.engine.inspectContainer(ctx, name);
    if (kindOfContainer(holder.Config.Labels) !== 'container') {
      throw new ShimError('AlreadyExists', `the container ${holder.Id} has this name and is no pod's: remove it`);
    }
    if (holder.State.Running) {
      throw new ShimError('AlreadyExists', `the container ${holder.Id} of this attempt runs already`);
    }
    ctx.log.info('removing a container of the same attempt', { name, container: holder.Id });
    await needs.engine.removeContainer(ctx, holder.Id, { force: false });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
