import { randomUUID } from 'node:crypto';
import type { BareEngine } from './bare-engine';
import type { TappedCall } from './engine-tap';
import { takeSteps, type LifeTimes } from './life';

/** The two creates of a life, as the shim sent them. */
export interface RecordedCreates {
  readonly uid: string;
  readonly sandboxId: string;
  readonly sandbox: TappedCall;
  readonly container: TappedCall;
}

/** @throws Error when the calls are not those of one life */
export function createsIn(calls: readonly TappedCall[], uid: string): RecordedCreates {
  const [sandbox, container] = calls.filter((call) => call.path.startsWith('/containers/create'));
  const sandboxId = /"container:([0-9a-f]{64})"/.exec(container?.body ?? '')?.[1];
  if (sandbox === undefined || container === undefined || sandboxId === undefined) {
    throw new Error('the shim did not create a sandbox and a container in its namespaces');
  }
  return { uid, sandboxId, sandbox, container };
}

/** Connects the bare pods, where Docker doesn't. */
export interface BareNetwork {
  attach(sandboxId: string, pid: number): Promise<void>;
  detach(sandboxId: string, pid: number): Promise<void>;
}

/**
 * The least that Docker must be asked for one pod's life: the same containers, in eight calls; with a network of its own,
 * in one more, which tells the pod's process.
 */
export async function liveBare(
  engine: BareEngine,
  recorded: RecordedCreates,
  network?: BareNetwork,
): Promise<LifeTimes> {
  const uid = randomUUID();
  let sandbox = '';
  let container = '';
  let pid = 0;
  const create = async (call: TappedCall): Promise<string> => {
    const anew = (text: string): string =>
      text
        .replaceAll(recorded.uid, uid)
        .replaceAll(recorded.uid.slice(0, 8), uid.slice(0, 8))
        .replaceAll(recorded.sandboxId, sandbox);
    const answer = (await engine.call(call.method, anew(call.path), anew(call.body))) as { Id: string };
    return answer.Id;
  };
  return await takeSteps({
    RunPodSandbox: async () => {
      sandbox = await create(recorded.sandbox);
      await engine.call('POST', `/containers/${sandbox}/start`);
      if (network === undefined) return;
      const { State } = (await engine.call('GET', `/containers/${sandbox}/json`)) as { State: { Pid: number } };
      pid = State.Pid;
      await network.attach(sandbox, pid);
    },
    CreateContainer: async () => (container = await create(recorded.container)),
    StartContainer: () => engine.call('POST', `/containers/${container}/start`),
    StopContainer: () => engine.call('POST', `/containers/${container}/stop?t=0`),
    RemoveContainer: () => engine.call('DELETE', `/containers/${container}?v=true&force=true`),
    StopPodSandbox: async () => {
      await network?.detach(sandbox, pid);
      await engine.call('POST', `/containers/${sandbox}/stop?t=10`);
    },
    RemovePodSandbox: () => engine.call('DELETE', `/containers/${sandbox}?v=true&force=true`),
  });
}
