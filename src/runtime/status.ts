import type { RuntimeCondition, RuntimeHandler, StatusRequest, StatusResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import { throwIfEnded, withLimit, type CallContext } from '../lib/call-context';
import { messageOf } from '../lib/errors';
import type { NetworkCondition, PodNetwork } from '../network/pod-network';
import { runtimeName } from '../translate/runtime-handlers';

/** An engine that takes longer to answer a ping is not ready. The kubelet asks every few seconds. */
const ANSWER_TIMEOUT_MS = 5_000;
/** How long one that answers may take to say what it is, in milliseconds. What it says later is for the next call. */
const FACTS_PATIENCE_MS = 2_000;

export interface StatusNeeds {
  readonly engine: Pick<Engine, 'ping'>;
  /** However old, and asked for to the end: a node is not to be drained because its engine is slow to tell them. */
  readonly facts: (ctx: CallContext) => Promise<EngineFacts>;
  readonly network: Pick<PodNetwork, 'condition'>;
  /** What `crictl info` shows of the shim itself. */
  readonly configuration: () => Readonly<Record<string, unknown>>;
  /** Of each container whose output is written to a CRI log, the bytes that are not there yet. */
  readonly logLag: () => Promise<ReadonlyMap<string, number>>;
}

/** Status never fails: an engine that is away makes RuntimeReady false, with the reason. */
export function status(needs: StatusNeeds) {
  return async (request: StatusRequest, ctx: CallContext): Promise<StatusResponse> => {
    const engine = await askEngine(needs, ctx);
    const network = needs.network.condition();
    return {
      status: {
        conditions: [runtimeReady(engine), { type: 'NetworkReady', status: network.ready, ...wordsOf(network) }],
      },
      info: request.verbose ? { ...(await shimInfo(needs)), ...engineInfo(engine) } : {},
      runtimeHandlers: engine.ready && engine.facts !== undefined ? handlers(engine.facts) : [],
      // Neither of the others can be had from Docker.
      features: { supplementalGroupsPolicy: true, userNamespacesHostNetwork: false, mountOptions: false },
    };
  };
}

/** One that is ready may not have said yet what it is. */
type EngineAnswer =
  { readonly ready: true; readonly facts: EngineFacts | undefined } | { readonly ready: false; readonly why: string };

async function askEngine(needs: StatusNeeds, ctx: CallContext): Promise<EngineAnswer> {
  try {
    await withLimit(ctx, ANSWER_TIMEOUT_MS, 'the Docker Engine', (bounded) => needs.engine.ping(bounded));
    return { ready: true, facts: await factsInTime(needs, ctx) };
  } catch (error) {
    return { ready: false, why: messageOf(error) };
  }
}

/** Undefined while the engine takes its time; @throws what it says when it refuses, or has gone */
async function factsInTime({ facts }: StatusNeeds, ctx: CallContext): Promise<EngineFacts | undefined> {
  return await withLimit(ctx, FACTS_PATIENCE_MS, 'what the Docker Engine is', async (bounded) => {
    try {
      return await facts(bounded);
    } catch (error) {
      throwIfEnded(ctx);
      if (!bounded.signal.aborted) throw error;
      return undefined;
    }
  });
}

function runtimeReady(engine: EngineAnswer): RuntimeCondition {
  const base = { type: 'RuntimeReady', status: engine.ready };
  return engine.ready
    ? { ...base, reason: '', message: '' }
    : { ...base, reason: 'DockerNotReady', message: engine.why };
}

function wordsOf({ reason, message }: NetworkCondition) {
  return { reason, message };
}

/** The default handler has the empty name; each of the engine's runtimes is one by its own. */
function handlers(facts: EngineFacts): RuntimeHandler[] {
  const { names, recursiveReadOnly } = facts.runtimes;
  return ['', ...names].map((name) => {
    const recursiveReadOnlyMounts = recursiveReadOnly.includes(runtimeName(name, facts.runtimes));
    return { name, features: { recursiveReadOnlyMounts, userNamespaces: false } };
  });
}

async function shimInfo({ configuration, logLag }: StatusNeeds): Promise<Record<string, string>> {
  return { config: JSON.stringify(configuration()), logLag: JSON.stringify(Object.fromEntries(await logLag())) };
}

function engineInfo(engine: EngineAnswer): Record<string, string> {
  return engine.ready && engine.facts !== undefined ? { engine: JSON.stringify(engine.facts) } : {};
}
