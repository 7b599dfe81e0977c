import { join } from 'node:path';
import { version as shimVersion } from '../../../package.json';
import type { Config } from '../../config/config';
import { ImageAccounts } from '../../container/accounts/image-accounts';
import { KeyedMutex } from '../../lib/keyed-mutex';
import type { Log } from '../../lib/log';
import type { OnStep } from '../../sandbox/steps';
import { CheckpointStore } from '../../store/checkpoint';
import { RunJournal } from '../../store/run-journal';
import { createTelemetry } from '../../telemetry/telemetry';
import { cgroupParts } from './cgroups';
import { dockerParts } from './docker';
import { hostParts } from './host';
import { imageParts } from './images';
import { logParts } from './logs';
import { meterParts } from './meters';
import { networkParts } from './network';
import { nodeParts } from './node';
import { streamingParts } from './streaming';

/** What the verbs are made of, each part once and by the name that they have for it. */
export type Parts = Awaited<ReturnType<typeof buildParts>>;

/**
 * Builds the parts, in the order in which they need each other. Nothing acts yet.
 * @param current the settings in effect: some may change while the shim runs
 * @param connectorCommand starts cli/netns-connector.ts as a process of its own
 * @param onStep is called after every step of the verbs that make and unmake sandboxes
 */
export async function buildParts(current: () => Config, connectorCommand: readonly string[], log: Log, onStep: OnStep) {
  const config = current();
  const telemetry = telemetryOf(config, log);
  const host = await hostParts();
  const { connection, docker, facts, freshFacts, runtimes } = dockerParts(config, telemetry);
  const logs = logParts(config, docker, log);
  const networks = networkParts(config, log);
  const limits = await cgroupParts(config, docker, log);
  const node = nodeParts({ connection, docker, runtimes, ...host, ...logs, ...networks, ...limits, log });
  return {
    current,
    log,
    onStep,
    telemetry,
    connection,
    facts,
    freshFacts,
    ...host,
    ...logs,
    ...networks,
    ...limits,
    ...node,
    ...meterParts(node.engine, facts, limits.hugepageSizes),
    ...imageParts(current, node.engine, node.images, facts),
    ...streamingParts({ ...node, ...networks, current, connectorCommand, log }),
    ...podParts(config),
    accounts: new ImageAccounts(docker),
  };
}

function telemetryOf({ metricsAddress, tracingEndpoint, tracingRatePerMillion }: Config, log: Log) {
  const metrics = metricsAddress !== undefined;
  return createTelemetry({ version: shimVersion, metrics, tracingEndpoint, tracingRatePerMillion, log });
}

/** What is kept of pods, and what serialises the work on each. */
function podParts({ criDockerdRootDirectory, rootDirectory }: Config) {
  return {
    pods: new KeyedMutex(),
    checkpoints: new CheckpointStore(join(criDockerdRootDirectory, 'sandbox'), join(rootDirectory, 'sandbox')),
    journal: new RunJournal(join(rootDirectory, 'running')),
  };
}
