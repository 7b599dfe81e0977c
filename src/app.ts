import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config/config';
import { attach } from './container/attach';
import { createContainer } from './container/create';
import { exec } from './container/exec';
import { execSync } from './container/exec-sync';
import { listContainers } from './container/list';
import { listContainerStats } from './container/list-stats';
import { removeContainer } from './container/remove';
import { runRemoteCommand } from './container/run-remote-command';
import { startContainer } from './container/start';
import { containerStats } from './container/stats';
import { containerStatus } from './container/status';
import { stopContainer } from './container/stop';
import { updateContainerResources } from './container/update-resources';
import { parseEndpoint } from './cri/listen/endpoint';
import { CriServer } from './cri/server';
import type { ImageVerbs, RuntimeVerbs } from './cri/verbs';
import { EngineConnection } from './docker/connection';
import { DockerodeEngine } from './docker/dockerode-engine';
import { engineFacts } from './docker/engine-facts';
import { requireAppArmorProfile } from './host/app-armor';
import { OomKills } from './host/oom-kills';
import { readCgroupFiles, writeCgroupFiles } from './host/container-cgroup';
import { limitedHugepageSizes } from './host/hugepages';
import { lowestOomScore, oomScoreOf, setOomScore } from './host/oom-score';
import { killProcessTree, signalProcessTree } from './host/process-tree';
import { readSeccompProfile } from './host/seccomp-profile';
import { imageFsInfo } from './image/fs-info';
import { listImages } from './image/list';
import { pullImage } from './image/pull';
import { removeImage } from './image/remove';
import { imageStatus } from './image/status';
import { ContainerIndex } from './index/container-index';
import { ImageIndex } from './index/image-index';
import { IndexedEngine } from './index/indexed-engine';
import { NodeIndex } from './index/node-index';
import { nothingToDrain } from './index/output-drain';
import type { CallContext } from './lib/call-context';
import { KeyedMutex } from './lib/keyed-mutex';
import type { Log } from './lib/log';
import { dockerLogPath, linkLog, unlinkLog } from './logs/log-link';
import { BridgeNetwork } from './network/bridge';
import { CniNetwork } from './network/cni/cni-network';
import { CniPodNetwork } from './network/cni-pod-network';
import { PodDialer } from './network/pod-dialer';
import { PodNetworks } from './network/pod-networks';
import { runtimeConfig } from './runtime/runtime-config';
import { status } from './runtime/status';
import { updateRuntimeConfig } from './runtime/update-runtime-config';
import { version } from './runtime/version';
import { findSandbox } from './index/find-container';
import { listPodSandbox } from './sandbox/list';
import { listPodSandboxStats } from './sandbox/list-stats';
import { PauseImage } from './sandbox/pause-image';
import { portForward } from './sandbox/port-forward';
import { Recovery } from './sandbox/recovery';
import { removePodSandbox } from './sandbox/remove';
import { runPodSandbox } from './sandbox/run';
import { podSandboxStats } from './sandbox/stats';
import { podSandboxStatus } from './sandbox/status';
import type { OnStep } from './sandbox/steps';
import { stopPodSandbox } from './sandbox/stop';
import { updatePodSandboxResources } from './sandbox/update-resources';
import { ContainerMeter } from './stats/container-meter';
import { PodMeter } from './stats/pod-meter';
import { servePortForward } from './streaming/port-forward/serve';
import { serveRemoteCommand } from './streaming/remote-command/serve';
import { StreamingServer } from './streaming/server';
import { CheckpointStore } from './store/checkpoint';
import { PodCidrFile } from './store/pod-cidr';
import { RunJournal } from './store/run-journal';
import { Reading } from './telemetry/metrics/instruments';
import { OperatorServer } from './telemetry/operator-server';
import { createTelemetry } from './telemetry/telemetry';
import { version as shimVersion } from '../package.json';

/** A node has some hundred pods; each session holds a socket or two and up to a few megabytes. */
const MAX_STREAMING_SESSIONS = 1000;

/** The running shim: everything that `serve` starts, and how to stop it. */
export interface App {
  /** Serves. @throws ShimError naming the socket that can't be served. */
  start(): Promise<void>;
  /** Goes on with other settings, as far as they may change while it runs (`reloads` in config/options.ts). */
  reconfigure(config: Config): void;
  /** @throws ShimError when the shim's own sockets no longer bring clients to it */
  healthy(): Promise<void>;
  /** Ends in order: no new calls, those under way finish, what runs in the background stops. Pods go on. */
  stop(): Promise<void>;
}

/**
 * Builds every part once. Nothing acts before `start`.
 * @param connectorCommand starts cli/netns-connector.ts as a process of its own.
 * @param onStep is told of every step of the verbs that make and unmake sandboxes.
 */
export async function createApp(
  config: Config,
  connectorCommand: readonly string[],
  log: Log,
  onStep: OnStep = () => undefined,
): Promise<App> {
  let current = config;
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
  const oomKills = new OomKills();
  const images = new ImageIndex(docker, log);
  const index = new ContainerIndex({
    engine: docker,
    runtimes: async (ctx) => (await facts(ctx)).runtimes,
    oomKilled: (id) => oomKills.has(id),
    drain: nothingToDrain,
    onChange: () => undefined,
    log,
  });
  const nodeIndex = new NodeIndex(docker, [index, images], log);
  const engine = new IndexedEngine(connection, index, images);
  const pods = new KeyedMutex();
  const cni = new CniNetwork({
    podCidr: new PodCidrFile(join(config.rootDirectory, 'pod-cidr')),
    confDir: config.cniConfDir,
    binDirs: config.cniBinDirs,
    cacheDir: config.cniCacheDir,
    log: log.with({ network: 'cni' }),
  });
  const network = new PodNetworks(config.networkPlugin, new CniPodNetwork(cni), new BridgeNetwork());
  const checkpoints = new CheckpointStore(
    join(config.criDockerdRootDirectory, 'sandbox'),
    join(config.rootDirectory, 'sandbox'),
  );
  const journal = new RunJournal(join(config.rootDirectory, 'running'));
  const containerMeter = new ContainerMeter(engine, Date.now);
  const podMeter = new PodMeter(engine, Date.now);
  const oomScore = await lowestOomScore();
  const hugepageSizes = await limitedHugepageSizes();

  const pull = pullImage({
    engine,
    images,
    get pullProgressDeadlineMs() {
      return current.pullProgressDeadlineMs;
    },
  });
  const pauseImage = new PauseImage({
    engine,
    configured: config.pauseImage,
    pull: (ctx, image) => pull({ image: imageSpec(image), auth: undefined, sandboxConfig: undefined }, ctx),
  });
  const pinned = () => pauseImage.references();

  const podDialer = new PodDialer({
    findSandbox: (ctx, id) => findSandbox(engine, ctx, id),
    network,
    connectorCommand,
  });
  const sessions = {
    get idleTimeoutMs() {
      return current.streamingIdleTimeoutMs;
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

  const runtime: RuntimeVerbs = {
    version: version({ facts }),
    status: status({ engine, facts, network, configuration: () => ({ ...current }) }),
    runtimeConfig: runtimeConfig({ facts }),
    updateRuntimeConfig: updateRuntimeConfig({ network }),
    runPodSandbox: runPodSandbox({
      engine,
      facts,
      pauseImage,
      pods,
      checkpoints,
      journal,
      network,
      readSeccompProfile,
      requireAppArmorProfile,
      lowestOomScore: oomScore,
      onStep,
    }),
    stopPodSandbox: stopPodSandbox({ engine, pods, network, checkpoints, onStopped, onStep }),
    removePodSandbox: removePodSandbox({ engine, pods, network, checkpoints, onStopped, unlinkLog, onStep }),
    podSandboxStatus: podSandboxStatus({ engine, index, network }),
    updatePodSandboxResources: updatePodSandboxResources({ engine }),
    listPodSandbox: listPodSandbox({ index }),
    portForward: portForward({ engine, streamingUrl: (session) => streaming.url(session) }),
    createContainer: createContainer({
      engine,
      facts,
      pods,
      readSeccompProfile,
      requireAppArmorProfile,
      lowestOomScore: oomScore,
      hugepageSizes,
    }),
    startContainer: startContainer({ engine, facts, dockerLogPath, linkLog, writeCgroupFiles }),
    stopContainer: stopContainer({ engine }),
    removeContainer: removeContainer({ engine, unlinkLog }),
    containerStatus: containerStatus({ engine, index, images, oomScoreOf, readCgroupFiles }),
    listContainers: listContainers({ index, images }),
    updateContainerResources: updateContainerResources({
      engine,
      facts,
      lowestOomScore: oomScore,
      hugepageSizes,
      readCgroupFiles,
      writeCgroupFiles,
      setOomScore,
    }),
    execSync: execSync({ engine, killProcessTree }),
    exec: exec({ engine, streamingUrl: (session) => streaming.url(session) }),
    attach: attach({ engine, streamingUrl: (session) => streaming.url(session) }),
    containerStats: containerStats({ index, facts, meter: containerMeter }),
    listContainerStats: listContainerStats({ index, facts, meter: containerMeter }),
    podSandboxStats: podSandboxStats({ index, facts, podMeter, containerMeter }),
    listPodSandboxStats: listPodSandboxStats({ index, facts, podMeter, containerMeter }),
  };
  const image: ImageVerbs = {
    pullImage: pull,
    listImages: listImages({ images, pinned }),
    imageStatus: imageStatus({ engine, images, pinned }),
    removeImage: removeImage({ engine }),
    imageFsInfo: imageFsInfo({ engine, statfs, now: Date.now }),
  };

  const endpoints = config.endpoints.map(parseEndpoint);
  const observer = telemetry.calls;
  const server = new CriServer({ endpoints, env: process.env, verbs: { runtime, image }, log, observer });
  const instruments = [...telemetry.instruments, streamingSessions(streaming), indexDrift(index)];
  const healthy = () => server.healthy();
  const ready = (ctx: CallContext) => engine.ping(ctx);
  const operators =
    config.metricsAddress && new OperatorServer({ ...config.metricsAddress, instruments, healthy, ready, log });
  const recovery = new Recovery({ engine, pods, checkpoints, journal, network }, log);
  return {
    async start() {
      nodeIndex.start();
      if (config.networkPlugin === 'cni') await cni.start();
      await streaming.start();
      await server.start();
      recovery.start();
      const metricsUrl = await operators?.start();
      if (metricsUrl !== undefined) log.info('serving metrics', { url: metricsUrl });
    },
    reconfigure(changed) {
      current = changed;
    },
    healthy,
    async stop() {
      recovery.stop();
      nodeIndex.stop();
      cni.stop();
      containerMeter.stop();
      await server.stop(current.shutdownGraceMs);
      await streaming.stop();
      await podDialer.close();
      connection.close();
      oomKills.close();
      await operators?.stop();
      await telemetry.stop();
    },
  };
}

function streamingSessions(streaming: StreamingServer): Reading {
  const help = 'Exec, attach and port-forward sessions that run.';
  return new Reading('gauge', 'dockershim_streaming_sessions', help, [], () => [[[], streaming.running]]);
}

function indexDrift(index: ContainerIndex): Reading {
  const help = 'Containers of which the index was wrong while events of Docker flowed.';
  return new Reading('counter', 'dockershim_index_drift_total', help, [], () => [[[], index.drift]]);
}

function imageSpec(image: string) {
  return { image, annotations: {}, userSpecifiedImage: '', runtimeHandler: '', imageRef: '' };
}
