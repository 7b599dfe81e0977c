import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { version as shimVersion } from '../../package.json';
import type { Config } from '../config/config';
import { ImageAccounts } from '../container/accounts/image-accounts';
import { CgroupKeeper } from '../container/cgroup-keeper';
import { runRemoteCommand } from '../container/remote-command/run';
import { EngineConnection } from '../docker/connection';
import { DockerodeEngine } from '../docker/dockerode-engine';
import { engineFacts } from '../docker/engine-facts';
import { isInContainer, readCgroupFiles, writeCgroupFiles } from '../host/cgroup/container-cgroup';
import { limitedHugepageSizes } from '../host/cgroup/hugepages';
import { KeptKernelFiles } from '../host/kept-kernel-files';
import { OomKills } from '../host/oom-kills';
import { lowestOomScore, oomScoreOf } from '../host/oom-score';
import { signalProcessTree } from '../host/process-tree';
import { pullImage } from '../image/pull';
import { findSandbox } from '../index/find-container';
import { IndexedEngine } from '../index/indexed-engine';
import { NodeIndex } from '../index/node-index';
import type { CallContext } from '../lib/call-context';
import { KeyedMutex } from '../lib/keyed-mutex';
import type { Log } from '../lib/log';
import { ContainerLogs } from '../logs/container-logs';
import { BridgeNetwork } from '../network/bridge';
import { CniPodNetwork } from '../network/cni-pod-network';
import { CniNetwork } from '../network/cni/cni-network';
import { PodDialer } from '../network/pod-dialer';
import { PodNetworks } from '../network/pod-networks';
import { PauseImage } from '../sandbox/pause/pause-image';
import type { OnStep } from '../sandbox/steps';
import { ContainerMeter } from '../stats/container-meter';
import { LayerStore } from '../stats/layer-store';
import { PodMeter } from '../stats/pod-meter';
import { CgroupUpdates } from '../store/cgroup-updates';
import { CheckpointStore } from '../store/checkpoint';
import { LogOffsets } from '../store/log-offsets';
import { PodCidrFile } from '../store/pod-cidr';
import { RunJournal } from '../store/run-journal';
import { servePortForward } from '../streaming/port-forward/serve';
import { serveRemoteCommand } from '../streaming/remote-command/serve';
import { StreamingServer } from '../streaming/server';
import { createTelemetry } from '../telemetry/telemetry';

/** A node has some hundred pods; each session holds a socket or two and up to a few megabytes. */
const MAX_STREAMING_SESSIONS = 1000;

/** Each running container or pod uses six. A process that was told nothing else may have at least 4096 files open. */
const MOST_KERNEL_FILES = 2048;

/** What the verbs are made of, each part once. */
export type Parts = Awaited<ReturnType<typeof buildParts>>;

/**
 * Builds the parts, in the order in which they need each other. Nothing acts yet.
 * @param current the settings in effect: some may change while the shim runs
 * @param connectorCommand starts cli/netns-connector.ts as a process of its own
 * @param onStep is called after every step of the verbs that make and unmake sandboxes
 */
export async function buildParts(current: () => Config, connectorCommand: readonly string[], log: Log, onStep: OnStep) {
  const config = current();
  const telemetry = createTelemetry({
    version: shimVersion,
    metrics: config.metricsAddress !== undefined,
    tracingEndpoint: config.tracingEndpoint,
    tracingRatePerMillion: config.tracingRatePerMillion,
    log,
  });
  const connection = new EngineConnection(config.dockerSocket, telemetry.engine);
  const docker = new DockerodeEngine(connection);
  const expiringFacts = engineFacts(docker);
  const facts = (ctx: CallContext) => expiringFacts.get(ctx);
  const logs = new ContainerLogs({
    engine: docker,
    offsets: new LogOffsets(join(config.rootDirectory, 'logs')),
    format: config.containerLogs,
    log: log.with({ work: 'logs' }),
  });
  const oomKills = new OomKills();
  const accounts = new ImageAccounts(docker);
  const pods = new KeyedMutex();
  const cni = new CniNetwork({
    podCidr: new PodCidrFile(join(config.rootDirectory, 'pod-cidr')),
    confDir: config.cniConfDir,
    binDirs: config.cniBinDirs,
    cacheDir: config.cniCacheDir,
    log: log.with({ network: 'cni' }),
  });
  const network = new PodNetworks(config.networkPlugin, new CniPodNetwork(cni), new BridgeNetwork());
  const cgroups = new KeyedMutex();
  const cgroupUpdates = new CgroupUpdates(join(config.rootDirectory, 'cgroups'));
  const cgroupKeeper = new CgroupKeeper({
    engine: docker,
    cgroups,
    updates: cgroupUpdates,
    isInContainer,
    readCgroupFiles,
    writeCgroupFiles,
    log,
  });
  const nodeIndex = new NodeIndex({
    engine: docker,
    runtimes: async (ctx) => (await facts(ctx)).runtimes,
    oomKilled: (id) => oomKills.has(id),
    drain: logs,
    addresses: (sandbox) => network.addresses(sandbox),
    oomScoreOf,
    updatedCgroupFiles: (id) => cgroupUpdates.of(id),
    readCgroupFiles,
    onChange: (before, after) => cgroupKeeper.onChange(before, after),
    log,
  });
  const { containers: index, images } = nodeIndex;
  const engine = new IndexedEngine(connection, index, images);
  const checkpoints = new CheckpointStore(
    join(config.criDockerdRootDirectory, 'sandbox'),
    join(config.rootDirectory, 'sandbox'),
  );
  const journal = new RunJournal(join(config.rootDirectory, 'running'));
  const store = new LayerStore({ facts, statfs });
  const hugepageSizes = await limitedHugepageSizes();
  const kernelFiles = new KeptKernelFiles(MOST_KERNEL_FILES);
  const readFile = (path: string) => kernelFiles.read(path);
  const containerMeter = new ContainerMeter(engine, Date.now, hugepageSizes, readFile);
  const podMeter = new PodMeter(engine, Date.now, readFile);
  const oomScore = await lowestOomScore();

  const pull = pullImage({
    engine,
    images,
    get pullProgressDeadlineMs() {
      return current().pullProgressDeadlineMs;
    },
  });
  const pauseImage = new PauseImage({
    engine,
    configured: config.pauseImage,
    pull: (ctx, image) => pull({ image: imageSpec(image), auth: undefined, sandboxConfig: undefined }, ctx),
  });

  const podDialer = new PodDialer({
    findSandbox: (ctx, id) => findSandbox(engine, ctx, id),
    network,
    connectorCommand,
  });
  const sessions = {
    get idleTimeoutMs() {
      return current().streamingIdleTimeoutMs;
    },
  };
  const streaming = new StreamingServer({
    ...config.streamingAddress,
    maxSessions: MAX_STREAMING_SESSIONS,
    serveRemoteCommand: serveRemoteCommand(runRemoteCommand({ engine, signalProcessTree }), sessions),
    servePortForward: servePortForward((id, port, ctx) => podDialer.dial(id, port, ctx), sessions),
    log,
  });
  const onStopped = async (sandboxId: string): Promise<void> => {
    streaming.endPortForwards(sandboxId);
    await podDialer.forget(sandboxId);
  };

  return {
    current,
    log,
    onStep,
    telemetry,
    connection,
    engine,
    facts,
    logs,
    oomKills,
    images,
    index,
    nodeIndex,
    accounts,
    pods,
    cgroups,
    cgroupUpdates,
    cgroupKeeper,
    cni,
    network,
    checkpoints,
    journal,
    containerMeter,
    kernelFiles,
    podMeter,
    store,
    oomScore,
    hugepageSizes,
    pull,
    pauseImage,
    podDialer,
    streaming,
    onStopped,
  };
}

function imageSpec(image: string) {
  return { image, annotations: {}, userSpecifiedImage: '', runtimeHandler: '', imageRef: '' };
}
