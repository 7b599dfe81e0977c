import { ImageServiceService, RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { isOn, type Arguments } from '../config/arguments';
import { configOf, type Config } from '../config/config';
import { loadSettings } from '../config/load';
import type { Settings } from '../config/settings';
import { EngineConnection } from '../docker/connection';
import { DockerodeEngine } from '../docker/dockerode-engine';
import type { Engine } from '../docker/engine';
import { socketFindings } from '../doctor/check-sockets';
import type { Finding } from '../doctor/finding';
import { KUBELET_PLACES, type KubeletSettings } from '../doctor/kubelet-settings';
import { socketOwners } from '../host/unix-socket/socket-owner';
import { detached, type CallContext } from '../lib/call-context';
import { ShimError } from '../lib/errors';
import { silentLog } from '../lib/log';
import { adoptionFindings } from '../migrate/check';
import { gatherFacts } from '../migrate/gather';
import { planText, type Plan } from '../migrate/plan';
import { predecessorsEngine, readPredecessors, type Predecessors } from '../migrate/predecessors';
import { planRollback } from '../migrate/rollback';
import { planToContainerd } from '../migrate/to-containerd';
import { planToDockershim } from '../migrate/to-dockershim';
import { TYPE_LABEL } from '../translate/labels';
import { DESTINATIONS, JSON_FLAG, MIGRATE_WORDS, TO_FLAG } from './commands';
import { CriClient } from './cri-client';
import { printFindings } from './findings';
import type { Output } from './output';
import { shimSocket, shimSockets } from './shim-socket';

const TIMEOUT_MS = 30_000;

/**
 * `dockershim migrate plan|check|rollback`. Looks, prints and changes nothing. Answers the exit status.
 * @throws ShimError InvalidArgument for another word or a bad configuration; Unavailable without an engine or, for
 *   check, without a shim
 */
export async function migrate(args: Arguments, output: Output): Promise<number> {
  const word = MIGRATE_WORDS.find((known) => known === args.words[0]);
  if (word === undefined || args.words.length > 1) throw wrong(`migrate takes one of ${MIGRATE_WORDS.join(', ')}`);
  const { settings } = await loadSettings(args);
  const config = configOf(settings);
  const before = await readPredecessors(KUBELET_PLACES);
  const told = word === 'plan' ? toldBefore(settings, before) : undefined;
  const engineSocket = told ?? config.dockerSocket;
  const connection = new EngineConnection(engineSocket);
  const engine = new DockerodeEngine(connection);
  const ctx = detached(silentLog, TIMEOUT_MS, 'looking at the node');
  const json = isOn(args, JSON_FLAG.flag);
  try {
    if (word === 'check') {
      const findings = await check(ctx, engine, config, before.kubelet);
      return printFindings(findings, output, json);
    }
    const plan = await planned(
      ctx,
      engine,
      { settings, before, engineSocket },
      word === 'rollback' ? 'back' : destination(args),
    );
    output.write(json ? `${JSON.stringify(plan, undefined, 2)}\n` : planText(plan));
    return 0;
  } finally {
    ctx.dispose();
    connection.close();
  }
}

/** The engine's socket by the runtime before, as long as the shim is told none. */
function toldBefore(settings: Settings, before: Predecessors): string | undefined {
  return settings['docker-endpoint'].from === 'default' ? predecessorsEngine(before) : undefined;
}

async function planned(
  ctx: CallContext,
  engine: Engine,
  { settings, before, engineSocket }: { settings: Settings; before: Predecessors; engineSocket: string },
  way: 'back' | (typeof DESTINATIONS)[number],
): Promise<Plan> {
  const facts = await gatherFacts(ctx, engine, before, {
    endpoint: `unix://${shimSocket(configOf(settings))}`,
    engineEndpoint: `unix://${engineSocket}`,
    shimOptions: new Map(Object.entries(settings).map(([name, { values }]) => [name, values.join(',')])),
  });
  if (way === 'back') return planRollback(facts);
  return way === 'containerd' ? planToContainerd(facts) : planToDockershim(facts);
}

function destination({ flags }: Arguments): (typeof DESTINATIONS)[number] {
  const given = flags.findLast(({ flag }) => flag === TO_FLAG.flag)?.value ?? 'dockershim';
  const known = DESTINATIONS.find((name) => name === given);
  if (known === undefined) throw wrong(`--to must be ${DESTINATIONS.join(' or ')}, not ${JSON.stringify(given)}`);
  return known;
}

async function check(ctx: CallContext, engine: Engine, config: Config, kubelet: KubeletSettings): Promise<Finding[]> {
  const path = shimSocket(config);
  const cri = new CriClient(path);
  try {
    const { items: sandboxes } = await cri.call(Runtime.listPodSandbox, { filter: undefined });
    const { containers } = await cri.call(Runtime.listContainers, { filter: undefined });
    // Images are asked for too: a kubelet that can't list them evicts pods.
    await cri.call(ImageServiceService.listImages, { filter: undefined });
    const ofType = (type: string) => engine.listContainers(ctx, { labels: [`${TYPE_LABEL}=${type}`] });
    const docker = { sandboxes: await ofType('podsandbox'), containers: await ofType('container') };
    return [
      ...adoptionFindings({ docker, shim: { sandboxes, containers } }),
      ...(await socketFindings({ own: shimSockets(config), kubelet, owners: socketOwners })),
    ];
  } finally {
    cri.close();
  }
}

function wrong(what: string): ShimError {
  return new ShimError('InvalidArgument', `${what} (dockershim migrate --help says more)`);
}
