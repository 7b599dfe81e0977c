import { join } from 'node:path';
import { version as shimVersion } from '../../../package.json';
import type { Config } from '../../config/config';
import { ImageAccounts } from '../../container/accounts/image-accounts';
import { readCgroupFiles } from '../../host/cgroup/container-cgroup';
import { OomKills } from '../../host/oom-kills';
import { lowestOomScore, oomScoreOf } from '../../host/oom-score';
import { IndexedEngine } from '../../index/indexed-engine';
import { NodeIndex } from '../../index/node-index';
import { KeyedMutex } from '../../lib/keyed-mutex';
import type { Log } from '../../lib/log';
import { ContainerLogs } from '../../logs/container-logs';
import type { OnStep } from '../../sandbox/steps';
import { CheckpointStore } from '../../store/checkpoint';
import { LogOffsets } from '../../store/log-offsets';
import { RunJournal } from '../../store/run-journal';
import { createTelemetry } from '../../telemetry/telemetry';
import { cgroupParts } from './cgroups';
import { dockerParts } from './docker';
import { imageParts } from './images';
import { meterParts } from './meters';
import { networkParts } from './network';
import { streamingParts } from './streaming';

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
  const { connection, docker, facts } = dockerParts(config, telemetry);
  const logs = new ContainerLogs({
    engine: docker,
    offsets: new LogOffsets(join(config.rootDirectory, 'logs')),
    format: config.containerLogs,
    log: log.with({ work: 'logs' }),
  });
  const oomKills = new OomKills();
  const networks = networkParts(config, log);
  const limits = await cgroupParts(config, docker, log);
  const nodeIndex = new NodeIndex({
    engine: docker,
    runtimes: async (ctx) => (await facts(ctx)).runtimes,
    oomKilled: (id) => oomKills.has(id),
    drain: logs,
    addresses: (sandbox) => networks.network.addresses(sandbox),
    oomScoreOf,
    updatedCgroupFiles: (id) => limits.cgroupUpdates.of(id),
    readCgroupFiles,
    onChange: (before, after) => limits.cgroupKeeper.onChange(before, after),
    log,
  });
  const { containers: index, images } = nodeIndex;
  const engine = new IndexedEngine(connection, index, images);
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
    nodeIndex,
    index,
    images,
    accounts: new ImageAccounts(docker),
    pods: new KeyedMutex(),
    checkpoints: new CheckpointStore(
      join(config.criDockerdRootDirectory, 'sandbox'),
      join(config.rootDirectory, 'sandbox'),
    ),
    journal: new RunJournal(join(config.rootDirectory, 'running')),
    oomScore: await lowestOomScore(),
    ...networks,
    ...limits,
    ...meterParts(engine, facts, limits.hugepageSizes),
    ...imageParts(current, engine, images),
    ...streamingParts({ current, engine, network: networks.network, connectorCommand, log }),
  };
}
