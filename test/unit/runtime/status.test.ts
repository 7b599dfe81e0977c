import type { StatusResponse } from '../../../generated/runtime/v1/api';
import { engineFacts } from '../../../src/docker/engine-facts';
import type { EngineInfo } from '../../../src/docker/types';
import { ShimError } from '../../../src/lib/errors';
import { NETWORK_READY } from '../../../src/network/pod-network';
import { status } from '../../../src/runtime/status';
import { aCall } from '../../support/a-call';

const SLOW_MS = 6_000;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** An engine that answers a ping at once, and says what it is after a while. */
class SlowEngine {
  asked = 0;
  generation = 0;
  runtimes = ['runc'];
  infoTakesMs = SLOW_MS;
  refuses = false;
  pings = true;

  ping = (): Promise<void> =>
    this.pings ? Promise.resolve() : Promise.reject(new ShimError('Unavailable', 'no Docker Engine listens'));
  apiVersion = (): Promise<string> => Promise.resolve('1.44');
  version = () => Promise.resolve({ Version: '25.0.0', ApiVersion: '1.44' } as never);

  info = async (): Promise<EngineInfo> => {
    this.asked += 1;
    await new Promise((resolve) => setTimeout(resolve, this.infoTakesMs));
    if (this.refuses) throw new ShimError('Internal', 'docker: its containerd is away');
    return { Runtimes: Object.fromEntries(this.runtimes.map((name) => [name, {}])) } as unknown as EngineInfo;
  };
}

function statusOf(engine: SlowEngine): () => Promise<StatusResponse> {
  const known = engineFacts(engine);
  const verb = status({
    engine,
    facts: (ctx) => known.last(ctx),
    network: { condition: () => NETWORK_READY },
    configuration: () => ({}),
    logLag: () => Promise.resolve(new Map()),
  });
  // A call of its own each time, which has ended when it was answered, as the kubelet's.
  return async () => {
    const call = aCall();
    try {
      return await verb({ verbose: true }, call.ctx);
    } finally {
      call.cancel();
    }
  };
}

async function answerAfter(ms: number, answer: Promise<StatusResponse>) {
  await jest.advanceTimersByTimeAsync(ms);
  const { status: told, runtimeHandlers } = await answer;
  const { status: ready, message } = told?.conditions.find(({ type }) => type === 'RuntimeReady') ?? {};
  return { ready, message, handlers: runtimeHandlers.map(({ name }) => name) };
}

const READY = { ready: true, message: '' };

it('is ready when the engine answers a ping, and tells its runtimes as soon as it has said them', async () => {
  const engine = new SlowEngine();
  const ask = statusOf(engine);
  expect(await answerAfter(2_000, ask())).toEqual({ ...READY, handlers: [] });
  await jest.advanceTimersByTimeAsync(SLOW_MS);
  expect(await answerAfter(0, ask())).toEqual({ ...READY, handlers: ['', 'runc'] });
  expect(engine.asked).toBe(1);
});

it('tells the runtimes that are known, however old, while an engine takes its time to say them anew', async () => {
  const engine = new SlowEngine();
  const ask = statusOf(engine);
  void ask();
  await jest.advanceTimersByTimeAsync(SLOW_MS);
  engine.runtimes.push('kata');
  await jest.advanceTimersByTimeAsync(60_000);
  expect(await answerAfter(0, ask())).toEqual({ ...READY, handlers: ['', 'runc'] });
  await jest.advanceTimersByTimeAsync(SLOW_MS);
  expect(await answerAfter(0, ask())).toEqual({ ...READY, handlers: ['', 'runc', 'kata'] });
});

it('tells none of an engine that may be another one, until that has said its own', async () => {
  const engine = new SlowEngine();
  const ask = statusOf(engine);
  void ask();
  await jest.advanceTimersByTimeAsync(SLOW_MS);
  engine.generation += 1;
  expect(await answerAfter(2_000, ask())).toEqual({ ...READY, handlers: [] });
});

it('is not ready, in its words, when it answers no ping, or refuses to say what it is', async () => {
  const away = new SlowEngine();
  away.pings = false;
  expect(await answerAfter(0, statusOf(away)())).toEqual({
    ready: false,
    message: 'no Docker Engine listens',
    handlers: [],
  });

  const refusing = new SlowEngine();
  refusing.infoTakesMs = 0;
  refusing.refuses = true;
  expect(await answerAfter(0, statusOf(refusing)())).toEqual({
    ready: false,
    message: 'docker: its containerd is away',
    handlers: [],
  });
});
