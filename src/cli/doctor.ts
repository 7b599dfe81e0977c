import { isOn, type Arguments } from '../config/arguments';
import { configOf } from '../config/config';
import { loadSettings } from '../config/load';
import { EngineConnection } from '../docker/connection';
import { DockerodeEngine } from '../docker/dockerode-engine';
import { checks } from '../doctor/checks';
import { examine } from '../doctor/examine';
import { worst, type Finding, type Level } from '../doctor/finding';
import { KUBELET_PLACES, readKubeletSettings } from '../doctor/kubelet-settings';
import { detached } from '../lib/call-context';
import { silentLog } from '../lib/log';
import { JSON_FLAG } from './commands';
import { report } from './doctor/report';
import { hasColours, type Output } from './pods/screen';

const TIMEOUT_MS = 30_000;
const WIDEST = 120;

/** The exit status of the worst that was found. 1 and 2 are failures of the command itself. */
export const STATUS: Readonly<Record<Level, number>> = { ok: 0, warning: 3, problem: 4 };

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
    const findings = await examine(checks(config, new DockerodeEngine(connection), kubelet), ctx);
    printFindings(findings, output, isOn(args, JSON_FLAG.flag));
    return STATUS[worst(findings)];
  } finally {
    ctx.dispose();
    connection.close();
  }
}

/** For people, or as JSON for programs. */
export function printFindings(findings: readonly Finding[], output: Output, json: boolean): void {
  const width = Math.min(output.columns ?? WIDEST, WIDEST);
  if (json) output.write(`${JSON.stringify({ worst: worst(findings), findings }, undefined, 2)}\n`);
  else output.write(report(findings, { width, colours: hasColours(output, process.env) }));
}
