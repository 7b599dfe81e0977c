import { readKubeletSettings, type KubeletPlaces, type KubeletSettings } from '../doctor/kubelet-settings';
import { runningProgram } from '../host/running-program';
import { goFlags } from '../lib/go-flags';
import { unixPath } from '../lib/unix-path';

/** What those were told who served this node's pods before the shim. */
export interface Predecessors {
  /** With the flags of its own dockershim. */
  readonly kubelet: KubeletSettings;
  /** Its flags; nothing when it does not run. */
  readonly criDockerd: ReadonlyMap<string, string> | undefined;
}

/** Never fails: what can't be read is not known. */
export async function readPredecessors(places: KubeletPlaces): Promise<Predecessors> {
  const criDockerd = await runningProgram('cri-dockerd', places.proc);
  return { kubelet: await readKubeletSettings(places), criDockerd: criDockerd && goFlags(criDockerd.args) };
}

/**
 * The Docker Engine's socket, by what the runtime before this shim was told with --docker-endpoint: a cri-dockerd that
 * runs, or else the kubelet for its own dockershim. Nothing when neither was, or it is no unix socket.
 */
export function predecessorsEngine({ kubelet, criDockerd }: Predecessors): string | undefined {
  const told = criDockerd?.get('docker-endpoint') ?? kubelet.flags.get('docker-endpoint') ?? '';
  return unixPath(told);
}
