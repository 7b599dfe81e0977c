import { readKubeletSettings, type KubeletPlaces } from '../doctor/kubelet-settings';
import { runningProgram } from '../host/running-program';
import { goFlags } from '../lib/go-flags';

/**
 * The Docker Engine's socket, by what the runtime before this shim was told with --docker-endpoint: a cri-dockerd that
 * runs, or else the kubelet for its own dockershim. Nothing when neither was, or it is no unix socket.
 */
export async function predecessorsEngine(places: KubeletPlaces): Promise<string | undefined> {
  const criDockerd = await runningProgram('cri-dockerd', places.proc);
  const { flags } = await readKubeletSettings(places);
  const told = goFlags(criDockerd?.args ?? []).get('docker-endpoint') ?? flags.get('docker-endpoint') ?? '';
  return /^unix:\/\/(\/.+)$/.exec(told)?.[1];
}
