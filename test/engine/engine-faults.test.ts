import { createApp, type App } from '../../src/app';
import { silentLog } from '../../src/lib/log';
import { SANDBOX_STEPS, type SandboxStep } from '../../src/sandbox/steps';
import { CriClient } from '../support/cri-client';
import { importBusybox } from '../support/engine-under-test';
import { faultBench } from '../support/fault-bench';
import { answerOf, FaultTable } from '../support/fault-table';
import { KubeletCalls } from '../support/kubelet-calls';
import { PrivateEngine } from '../support/private-engine';
import { readConfig } from '../support/read-config';

/**
 * The engine is killed, or hangs, or the kubelet gives its call up, at every step of a sandbox's life: one call fails with
 * its reason, and when the kubelet has repeated it nothing is left of the pod.
 */
jest.setTimeout(120_000);

/** How long the kubelet waits for an engine that hangs, in milliseconds. */
const PATIENCE_MS = 1_000;
const IMAGE = 'dockershim-test/busybox:1';

const engine = new PrivateEngine();
let app: App;
let client: CriClient;
let pod: KubeletCalls;
let onStep: (step: SandboxStep) => void;

afterEach(async () => {
  client.close();
  await app.stop();
});

const bench = faultBench('engine-faults', () => engine.socket);
const table = new FaultTable(bench);

beforeAll(async () => {
  await engine.start();
  await importBusybox(IMAGE, [], engine.socket);
});

afterAll(() => engine.remove());

beforeEach(async () => {
  onStep = () => undefined;
  app = await createApp(readConfig(bench.flags()), [], silentLog, (step) => onStep(step));
  await app.start();
  client = new CriClient(bench.path('cri.sock'));
  pod = new KubeletCalls(client, bench.namespace, IMAGE);
});

/** Does it once, when a sandbox has come to this step. */
function at(fatal: SandboxStep, what: () => void): void {
  onStep = (step) => {
    if (step !== fatal) return;
    onStep = () => undefined;
    what();
  };
}

/** What the kubelet asks of a pod, in order; a pod is removed as it runs when the fault is in the removal. */
async function liveUntilFailure(fatal: SandboxStep, options = {}): Promise<{ id: string; answer: string }> {
  let id = '';
  const calls = [
    async () => void (id = await pod.run(options)),
    async () => await pod.startContainer(id),
    ...(fatal.startsWith('remove') ? [] : [async () => await pod.stop(id, options)]),
    async () => await pod.remove(id, options),
  ];
  for (const call of calls) {
    const answer = await answerOf(call());
    if (answer !== 'success') return { id, answer };
  }
  return { id, answer: 'success' };
}

/** As the kubelet repeats what it got no good answer to. A run without one is repeated with the same attempt. */
async function repeat(id: string): Promise<void> {
  const known = id === '' ? await pod.run() : id;
  await pod.stop(known);
  await pod.remove(known);
}

describe('the engine', () => {
  it.each(SANDBOX_STEPS)('is killed after %s', async (step) => {
    at(step, () => engine.kill());
    const { id, answer } = await liveUntilFailure(step);
    // The removal that has just ended needs no engine any more, and neither does a run.
    if (step !== 'remove:finished' && step !== 'remove:paused') expect(answer).toMatch(/[Dd]ocker/);
    await engine.restart();
    await table.settle(`engine killed after ${step}`, answer, () => repeat(id));
  });

  it.each<SandboxStep>([
    'run:journaled',
    'run:created',
    'run:started',
    'stop:members',
    'stop:detached',
    'remove:members',
  ])('hangs after %s', async (step) => {
    const kubelet = new AbortController();
    at(step, () => {
      engine.pause();
      setTimeout(() => kubelet.abort(), PATIENCE_MS);
    });
    const { id, answer } = await liveUntilFailure(step, { signal: kubelet.signal });
    engine.resume();
    expect(answer).toBe('Cancelled on client');
    await table.settle(`engine hangs after ${step}`, answer, () => repeat(id));
  });
});

describe('the kubelet gives up its call', () => {
  it.each(SANDBOX_STEPS)('after %s', async (step) => {
    const kubelet = new AbortController();
    at(step, () => kubelet.abort());
    const { id, answer } = await liveUntilFailure(step, { signal: kubelet.signal });
    expect(answer).toBe('Cancelled on client');
    await table.settle(`cancelled after ${step}`, answer, () => repeat(id));
  });
});
