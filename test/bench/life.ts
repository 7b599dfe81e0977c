import { randomUUID } from 'node:crypto';
import type { CriClient } from '../support/cri-client';
import { timed } from './figures';
import {
  createContainer,
  removeContainer,
  removeSandbox,
  runSandbox,
  startContainer,
  stopContainer,
  stopSandbox,
  type PodKind,
} from './pod';

/** The calls of one pod's whole life, in order. */
export const LIFE = [
  'RunPodSandbox',
  'CreateContainer',
  'StartContainer',
  'StopContainer',
  'RemoveContainer',
  'StopPodSandbox',
  'RemovePodSandbox',
] as const;

export type LifeStep = (typeof LIFE)[number];

/** How long each step of a life took, in milliseconds. */
export type LifeTimes = ReadonlyMap<LifeStep, number>;

/** Does the steps of a life one after the other. `after` is told of each. */
export async function takeSteps(
  steps: Readonly<Record<LifeStep, () => Promise<unknown>>>,
  after: (step: LifeStep) => void = () => undefined,
): Promise<LifeTimes> {
  const times = new Map<LifeStep, number>();
  for (const step of LIFE) {
    times.set(step, await timed(steps[step]));
    after(step);
  }
  return times;
}

/** A pod's whole life through a CRI runtime. */
export async function liveThrough(
  cri: CriClient,
  kind: PodKind,
  uid: string = randomUUID(),
  after?: (step: LifeStep) => void,
): Promise<LifeTimes> {
  let sandbox = '';
  let container = '';
  const steps = {
    RunPodSandbox: async () => (sandbox = await runSandbox(cri, kind, uid)),
    CreateContainer: async () => (container = await createContainer(cri, kind, uid, sandbox)),
    StartContainer: () => startContainer(cri, container),
    StopContainer: () => stopContainer(cri, container),
    RemoveContainer: () => removeContainer(cri, container),
    StopPodSandbox: () => stopSandbox(cri, sandbox),
    RemovePodSandbox: () => removeSandbox(cri, sandbox),
  };
  return await takeSteps(steps, after);
}

/** The sum over the steps, in milliseconds. */
export function totalOf(times: LifeTimes): number {
  return [...times.values()].reduce((sum, ms) => sum + ms, 0);
}
