import type { ContainerNetwork } from '../../src/docker/types';
import type { NetworkedPod } from '../../src/network/pod';

/** A pod with nothing special, and what the test wants to be special. */
export function aCniPod(sandboxId: string, netns: string, special: Partial<NetworkedPod> = {}): NetworkedPod {
  return {
    sandboxId,
    name: 'web',
    namespace: 'default',
    uid: 'a1b2',
    dockerNetworkMode: 'none',
    netns,
    portMappings: [],
    annotations: {},
    dns: undefined,
    cgroupParent: '',
    ...special,
  };
}

/** The same pod as Docker tells of it. No process is in its namespace, so what is known of its addresses is what ADD answered. */
export function sandboxOf(sandboxId: string): ContainerNetwork {
  return { Id: sandboxId, HostConfig: { NetworkMode: 'none' }, State: { Pid: 0 } };
}
