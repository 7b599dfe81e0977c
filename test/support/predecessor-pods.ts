import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ContainerInspect, ContainerConfig, HostConfig } from '../../src/docker/types';
import { lowestOomScore } from '../../src/host/oom-score';
import { docker, ENGINE_SOCKET, inspect, TEST_CGROUP } from './engine-under-test';

const RECORDED = join(__dirname, '../contract/recorded');

/** A program that made pods on Docker before, and what is its own in how it did. */
export interface Predecessor {
  readonly name: string;
  /** Where its recorded pod is, in test/contract/recorded. */
  readonly recording: string;
  readonly mounts: 'Binds' | 'Mounts';
  /** Docker's, of its sandboxes. */
  readonly networkMode: 'none' | 'default';
  /** Its checkpoints' directory, below that of the shim's test. */
  readonly checkpoints: string;
}

export const IN_TREE: Predecessor = {
  name: 'the in-tree dockershim',
  recording: 'in-tree-dockershim-1.20',
  mounts: 'Binds',
  networkMode: 'none',
  checkpoints: 'root/sandbox',
};
const CRI_DOCKERD = { recording: 'cri-dockerd-master', checkpoints: 'cri-dockerd/sandbox' };
export const CRI_DOCKERD_RELEASE: Predecessor = {
  ...CRI_DOCKERD,
  name: 'a release of cri-dockerd',
  mounts: 'Binds',
  networkMode: 'default',
};
export const CRI_DOCKERD_MASTER: Predecessor = {
  ...CRI_DOCKERD,
  name: "cri-dockerd's master",
  mounts: 'Mounts',
  networkMode: 'none',
};

/** Where a test makes such pods. */
export interface PredecessorPlace {
  /** In their names, as their pods' namespace. */
  readonly namespace: string;
  readonly directory: string;
  /** Of all their containers; it has the commands of busybox. */
  readonly image: string;
  /** Gives the pod its interface, and answers its addresses. */
  readonly attach: (sandbox: ContainerInspect) => Promise<readonly string[]>;
}

export interface PredecessorPod {
  readonly sandboxId: string;
  readonly containerId: string;
  readonly addresses: readonly string[];
  readonly checkpointPath: string;
  readonly logPath: string;
}

/** The container says a line each second, and ends when it is told to. */
const SCRIPT = 'trap exit TERM; number=0; while sleep 0.2; do number=$((number + 1)); echo line $number; done';

/** What may be special about a pod. */
export interface Oddities {
  /** A seventh part of both names, which the predecessors append where a name is taken. */
  readonly suffix?: string;
  /** Its container was created, and the predecessor ended before it started it. */
  readonly unstarted?: boolean;
}

/**
 * The recorded pod made again straight on Docker, as the predecessor leaves it: names, labels, modes, checkpoint, link to
 * the log.
 */
export async function makePredecessorPod(
  predecessor: Predecessor,
  place: PredecessorPlace,
  { suffix = '', unstarted = false }: Oddities = {},
): Promise<PredecessorPod> {
  const { recording, networkMode, checkpoints } = predecessor;
  const pause = here(recorded(recording, 'sandbox.inspect.json'), place, '');
  const sandboxId = await create(pause.Name + suffix, {
    ...pause.Config,
    Image: place.image,
    Entrypoint: ['sleep', '3600'],
    // The real pause obeys any; sleep, the first process of its namespace, only this one.
    StopSignal: 'SIGKILL',
    HostConfig: { ...pause.HostConfig, NetworkMode: networkMode },
  });
  await docker('start', sandboxId);
  const addresses = await (networkMode === 'none' ? place.attach : bridgeAddresses)(await inspect(sandboxId));

  const checkpointPath = join(place.directory, checkpoints, sandboxId);
  mkdirSync(dirname(checkpointPath), { recursive: true });
  const checkpoint = readFileSync(join(RECORDED, recording, 'sandbox.checkpoint.json'), 'utf8').trim();
  // Its checksum is of its data, without the names.
  writeFileSync(checkpointPath, checkpoint.replace('"namespace":"default"', `"namespace":"${place.namespace}"`));

  const template = here(recorded(recording, 'container.inspect.json'), place, sandboxId);
  const containerId = await create(template.Name + suffix, {
    ...template.Config,
    // It comes with the network.
    Hostname: '',
    Image: predecessor === IN_TREE ? await imageId(place.image) : place.image,
    ...(template.Config.Entrypoint ? { Entrypoint: ['sh', '-c', SCRIPT] } : { Cmd: ['sh', '-c', SCRIPT] }),
    HostConfig: { ...template.HostConfig, ...mountsOf(predecessor, place, template) },
  });
  const logPath = template.Config.Labels?.['io.kubernetes.container.logpath'] ?? '';
  mkdirSync(dirname(logPath), { recursive: true });
  if (!unstarted) {
    await docker('start', containerId);
    symlinkSync((await inspect(containerId)).LogPath ?? '', logPath);
  }
  return { sandboxId, containerId, addresses, checkpointPath, logPath };
}

/** The labels and annotations that a kubelet gave to the recorded container or sandbox. */
export function recordedLabels(
  { recording }: Predecessor,
  file: 'sandbox.inspect.json' | 'container.inspect.json',
): { labels: Record<string, string>; annotations: Record<string, string> } {
  const all = Object.entries(recorded(recording, file).Config.Labels ?? {});
  const internal = ['io.kubernetes.docker.type', 'io.kubernetes.sandbox.id', 'io.kubernetes.container.logpath'];
  if (file === 'sandbox.inspect.json') internal.push('io.kubernetes.container.name');
  const isAnnotation = ([key]: [string, string]): boolean => key.startsWith('annotation.');
  return {
    labels: Object.fromEntries(all.filter((entry) => !isAnnotation(entry) && !internal.includes(entry[0]))),
    annotations: Object.fromEntries(all.filter(isAnnotation).map(([key, value]) => [key.slice(11), value])),
  };
}

function recorded(recording: string, file: string): ContainerInspect {
  const [first] = JSON.parse(readFileSync(join(RECORDED, recording, file), 'utf8')) as ContainerInspect[];
  if (first === undefined) throw new Error(`nothing is recorded in ${file} of ${recording}`);
  return first;
}

/** The recorded body with this run's names, places and ids. */
function here(body: ContainerInspect, { namespace, directory }: PredecessorPlace, sandboxId: string): ContainerInspect {
  const itsSandbox = body.Config.Labels?.['io.kubernetes.sandbox.id'] ?? 'none';
  const replaced = JSON.stringify(body)
    .replaceAll(itsSandbox, sandboxId)
    .replaceAll('/var/log/pods/', `${directory}/logs/`)
    .replaceAll('/var/lib/kubelet/', `${directory}/kubelet/`)
    .replaceAll('"Source":"/tmp"', `"Source":"${directory}/data"`)
    .replaceAll('/kubepods', TEST_CGROUP)
    .replace(/("Name":"\/k8s_[^_]+_[^_]+_)default_/, `$1${namespace}_`);
  return JSON.parse(replaced) as ContainerInspect;
}

/** What a kubelet has on the node for the container's mounts; a release of cri-dockerd has the older form of them. */
function mountsOf(
  { recording, mounts }: Predecessor,
  { directory }: PredecessorPlace,
  { Mounts: points }: ContainerInspect,
): Pick<HostConfig, 'Mounts'> & { readonly Binds?: readonly string[] } {
  mkdirSync(join(directory, 'data'), { recursive: true });
  for (const { Source: source = '' } of points ?? []) {
    if (!source.startsWith(`${directory}/kubelet`)) continue;
    mkdirSync(dirname(source), { recursive: true });
    writeFileSync(source, '');
  }
  if (mounts === 'Mounts' || recording === IN_TREE.recording) return {};
  return { Mounts: [], Binds: [`${directory}/data:/data:ro,rslave`] };
}

function bridgeAddresses({ NetworkSettings: settings }: ContainerInspect): Promise<readonly string[]> {
  return Promise.resolve(Object.values(settings?.Networks ?? {}).map((network) => network?.IPAddress ?? ''));
}

async function imageId(image: string): Promise<string> {
  return await docker('image', 'inspect', '--format', '{{.Id}}', image);
}

type CreateBody = ContainerConfig & { readonly HostConfig: HostConfig; readonly StopSignal?: string };

/** Docker's API takes what inspect tells, but that this host may forbid a low score. */
async function create(name: string, body: CreateBody): Promise<string> {
  const OomScoreAdj = Math.max(body.HostConfig.OomScoreAdj ?? 0, await lowestOomScore());
  const bytes = JSON.stringify({ ...body, HostConfig: { ...body.HostConfig, OomScoreAdj } });
  const answer = await new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) };
    const path = `/containers/create?name=${encodeURIComponent(name.replace(/^\//, ''))}`;
    const call = request({ socketPath: ENGINE_SOCKET, path, method: 'POST', headers }, (incoming) => {
      text(incoming).then(resolve, reject);
    });
    call.once('error', reject);
    call.end(bytes);
  });
  const { Id: id, message } = JSON.parse(answer) as { Id?: string; message?: string };
  if (id === undefined) throw new Error(`docker does not create ${name}: ${message}`);
  return id;
}
