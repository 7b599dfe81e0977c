import type { CniPod } from '../../src/network/pod';

/** A pod with nothing special, and what the test wants to be special. */
export function aCniPod(sandboxId: string, netns: string, special: Partial<CniPod> = {}): CniPod {
  return {
    sandboxId,
    name: 'web',
    namespace: 'default',
    uid: 'a1b2',
    netns,
    portMappings: [],
    annotations: {},
    dns: undefined,
    cgroupParent: '',
    ...special,
  };
}
