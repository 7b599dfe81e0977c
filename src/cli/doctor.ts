import { isOn, type Arguments } from '../config/arguments';
import { configOf } from '../config/config';
import { loadSettings } from '../config/load';
import { EngineConnection } from '../docker/connection';
import { DockerodeEngine } from '../docker/dockerode-engine';
import { checks } from '../doctor/checks';
import { examine } from '../doctor/examine';
import { KUBELET_PLACES, readKubeletSettings } from '../doctor/kubelet-settings';
import { detached } from '../lib/call-context';
import { silentLog } from '../lib/log';
import { JSON_FLAG } from './commands';
import { printFindings } from './findings';
import type { Output } from './output';
import { shimSockets } from './shim-socket';

const TIMEOUT_MS = 30_000;

/**
 * `dockershim doctor`: looks at the node and changes nothing. Answers the exit status.
 * @throws ShimError InvalidArgument for a bad configuration
 */
export async function doctor(args: Arguments, output: Output): Promise<number> {
  const config = configOf((await loadSettings(args)).settings);
  const connection = new EngineConnection(config.dockerSocket);
  const ctx = detached(silentLog, TIMEOUT_MS, 'looking at the node');
  try {
    const kubelet = await readKubeletSettings(KUBELET_PLACES);
    const findings = await examine(
      checks({ ...config, socketPaths: shimSockets(config) }, new DockerodeEngine(connection), kubelet),
      ctx,
    );
    return printFindings(findings, output, isOn(args, JSON_FLAG.flag));
  } finally {
    ctx.dispose();
    connection.close();
  }
}
