import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Engine } from '../docker/engine';
import { lowestOomScore } from '../host/oom-score';
import { socketOwners } from '../host/unix-socket/socket-owner';
import type { CallContext } from '../lib/call-context';
import { ifFound } from '../lib/errors';
import { TYPE_LABEL } from '../translate/labels';
import {
  cgroupFinding,
  engineFinding,
  liveRestoreFinding,
  logDriverFinding,
  storageFinding,
  usersFinding,
  type EngineAnswers,
} from './check-engine';
import { clockFinding, nodeFinding, nsenterFinding, oomFinding, roomFinding, rootFinding } from './check-host';
import { cniFindings } from './check-network';
import { pauseImageFinding } from './check-pause-image';
import { podFindings } from './check-pods';
import { socketFindings } from './check-sockets';
import { ok, type Check, type Finding } from './finding';
import { KUBELET_PLACES, type KubeletSettings } from './kubelet-settings';
import { kubeletVersions } from './kubelet-version';

/** The configuration of the shim, as far as it can be wrong for the node. */
export interface DoctorSettings {
  /** One at least: the usual one where systemd passes the sockets on. */
  readonly socketPaths: readonly string[];
  readonly dockerSocket: string;
  readonly rootDirectory: string;
  readonly pauseImage: string;
  readonly networkPlugin: 'bridge' | 'cni';
  readonly cniConfDir: string;
  readonly cniBinDirs: readonly string[];
}

export type DoctorEngine = Pick<Engine, 'version' | 'info' | 'listContainers' | 'inspectImage'>;

/** Everything that the doctor looks at, in the order of the screen. */
export function checks(settings: DoctorSettings, engine: DoctorEngine, kubelet: KubeletSettings): Check[] {
  return [
    { subject: 'engine', examine: (ctx) => engineFindings(settings, engine, kubelet, ctx) },
    { subject: 'network', examine: () => networkFindings(settings) },
    { subject: 'sockets', examine: () => socketFindings({ own: settings.socketPaths, kubelet, owners: socketOwners }) },
    { subject: 'host', examine: () => host(settings) },
  ];
}

/** Without an engine the rest of what it would be asked says nothing. */
async function engineFindings(
  settings: DoctorSettings,
  engine: DoctorEngine,
  kubelet: KubeletSettings,
  ctx: CallContext,
): Promise<Finding[]> {
  const answers = await ask(engine, ctx);
  const first = engineFinding(answers, settings.dockerSocket);
  if (!answers.answered) return [first];
  const { info } = answers;
  const { running, next } = await kubeletVersions(KUBELET_PLACES.proc);
  const engineNow = Date.parse(info.SystemTime ?? '');
  const now = Date.now();
  return [
    first,
    storageFinding(info),
    cgroupFinding(info, kubelet, running ?? next),
    logDriverFinding(info),
    liveRestoreFinding(info),
    usersFinding(info),
    await pauseImageFinding(settings.pauseImage, (reference) => isPresent(engine, ctx, reference)),
    ...podFindings(await engine.listContainers(ctx, { labels: [`${TYPE_LABEL}=podsandbox`] })),
    await roomFinding("Docker's directory", info.DockerRootDir),
    clockFinding(now, Number.isNaN(engineNow) ? now : engineNow, await made(process.argv[1] ?? '')),
  ];
}

async function ask(engine: DoctorEngine, ctx: CallContext): Promise<EngineAnswers> {
  try {
    const [version, info] = await Promise.all([engine.version(ctx), engine.info(ctx)]);
    return { answered: true, version, info };
  } catch (error) {
    return { answered: false, error };
  }
}

async function networkFindings({ networkPlugin, cniConfDir, cniBinDirs }: DoctorSettings): Promise<Finding[]> {
  if (networkPlugin === 'cni') return await cniFindings(cniConfDir, cniBinDirs);
  return [ok('network', "Docker's own bridge: pods of this node reach each other, those of other nodes don't")];
}

async function host({ rootDirectory }: DoctorSettings): Promise<Finding[]> {
  return [
    rootFinding(process.getuid?.()),
    nodeFinding(process.version),
    nsenterFinding(await inPath('nsenter')),
    oomFinding(await lowestOomScore()),
    await roomFinding("the shim's directory", rootDirectory),
  ];
}

async function isPresent(engine: DoctorEngine, ctx: CallContext, reference: string): Promise<boolean> {
  return (await ifFound(engine.inspectImage(ctx, reference))) !== undefined;
}

async function inPath(program: string): Promise<string | undefined> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, program);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

/** When the program's file was installed, in milliseconds since 1970; 0 when there is none. */
async function made(file: string): Promise<number> {
  return await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
