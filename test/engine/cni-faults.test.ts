import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SANDBOX_STEPS, type SandboxStep } from '../../src/sandbox/steps';
import { CriClient } from '../support/cri-client';
import { docker, importBusybox } from '../support/engine-under-test';
import { faultBench } from '../support/fault-bench';
import { answerOf, FaultTable } from '../support/fault-table';
import { KubeletCalls } from '../support/kubelet-calls';
import { bundleShim, ShimProcess } from '../support/shim-process';

/**
 * The shim is killed at every step of a sandbox's life, and its plugins fail in every way: after a restart and the calls
 * that the kubelet repeats, nothing is left of the pod. The table at the end says what there was in between.
 */
jest.setTimeout(120_000);

/** The deadline of a call during which a plugin hangs; the others have time on a loaded machine. */
const patienceFor = (fault: string) => ({ timeoutMs: fault.includes('hangs') ? 3_000 : 60_000 });
const ALL = ['container', 'address', 'cache entry', 'host port rules', 'masquerading rule', 'link', 'checkpoint'];

const image = `dockershim-test-${process.pid}-faults/busybox:1`;
const bundle = join(mkdtempSync(join(tmpdir(), 'dockershim-faults-')), 'dockershim.js');
let shim: ShimProcess;
let client: CriClient;
let pod: KubeletCalls;

afterEach(async () => {
  client.close();
  await shim.kill();
});

const bench = faultBench('faults', undefined, 'sbr');
const table = new FaultTable(bench);

beforeAll(async () => {
  bundleShim(bundle);
  await importBusybox(image);
});

afterAll(async () => {
  await docker('image', 'rm', image);
  rmSync(join(bundle, '..'), { recursive: true });
});

async function start(dieAt?: SandboxStep): Promise<void> {
  shim = await ShimProcess.start(bundle, bench.flags(), dieAt);
  client = new CriClient(bench.path('cri.sock'));
  pod = new KubeletCalls(client, bench.namespace, image);
}

/** The shim dies at the fault; a new one takes its place, as systemd would see to. */
async function restart(): Promise<void> {
  expect(await shim.died()).toBe('SIGKILL');
  client.close();
  await start();
}

describe('the shim is killed', () => {
  /**
   * Runs, stops and removes a pod until the shim dies in one of the calls, which is then repeated, and those after it.
   * @param unstopped the pod is removed as it runs
   */
  async function liveUntilDeath(what: string, unstopped = false): Promise<void> {
    let id = '';
    const ran = await answerOf(pod.run().then((made) => (id = made)));
    if (id === '') {
      await table.settle(what, ran, async () => {
        await restart();
        await pod.live();
      });
      return;
    }
    await pod.startContainer(id);
    const stopped = unstopped ? 'success' : await answerOf(pod.stop(id));
    const removed = stopped === 'success' ? await answerOf(pod.remove(id)) : stopped;
    expect(removed).not.toBe('success');
    await table.settle(what, removed, async () => {
      await restart();
      if (stopped !== 'success') await pod.stop(id);
      await pod.remove(id);
    });
  }

  it.each(SANDBOX_STEPS)('after %s', async (step) => {
    await start(step);
    await liveUntilDeath(`killed after ${step}`, step.startsWith('remove'));
  });

  it.each(['ADD', 'DEL'])('while a plugin is at %s', async (command) => {
    await start();
    bench.fault(`${command} kills`);
    await liveUntilDeath(`killed in ${command}`);
  });

  it('after a run that the kubelet never repeats', async () => {
    await start('run:attached');
    const answer = await answerOf(pod.run());
    await table.settle('killed after run:attached, not repeated', answer, async () => {
      await restart();
      await bench.untilNothingIsLeft();
    });
  });

  it('after a removal that the kubelet never repeats', async () => {
    await start('remove:paused');
    const id = await pod.run();
    await pod.stop(id);
    const answer = await answerOf(pod.remove(id));
    await table.settle('killed after remove:paused, not repeated', answer, async () => {
      await restart();
      await bench.untilNothingIsLeft();
    });
  });
});

describe('a plugin', () => {
  it.each([
    ['ADD hangs', /^Deadline exceeded$/],
    ['ADD fails', /the CNI plugin sbr failed at ADD: .*the test wants it/],
    ['ADD fails without the pause', /the CNI plugin sbr failed at ADD: .*the test wants it/],
    ['ADD prints rubbish', /sbr/],
  ])('whose %s: the run leaves nothing, and can be repeated', async (what, words) => {
    await start();
    bench.fault(what);
    const answer = await answerOf(pod.run(patienceFor(what)));
    expect(answer).toMatch(words);
    await bench.untilNothingIsLeft();
    expect(await bench.left()).toEqual([]);
    await table.settle(what, answer, async () => {
      bench.heal();
      await pod.live();
    });
  });

  it.each([
    ['DEL hangs', 'sbr', false, /^Deadline exceeded$/],
    ['DEL fails', 'sbr', false, /the CNI plugin sbr failed at DEL: .*the test wants it/],
    ['DEL prints rubbish', 'sbr', false, /sbr/],
    ['DEL hangs', 'unknown', true, /^Deadline exceeded$/],
    ['DEL fails', 'unknown', true, /the CNI plugin unknown failed at DEL: .*the test wants it/],
    ['DEL prints rubbish', 'unknown', true, /unknown/],
  ])('whose %s, %s: the stop fails and keeps what DEL needs, the pause too: %s', async (what, plugin, keeps, words) => {
    bench.endChainWith(plugin);
    await start();
    const id = await pod.run();
    await pod.startContainer(id);
    expect(await bench.left()).toEqual(expect.arrayContaining(ALL));
    bench.fault(what);
    const answer = await answerOf(pod.stop(id, patienceFor(what)));
    expect(answer).toMatch(words);
    expect(await pod.isReady(id)).toBe(keeps);
    expect(await bench.left()).toEqual(expect.arrayContaining(ALL));
    expect(await answerOf(pod.remove(id, patienceFor(what)))).not.toBe('success');
    await table.settle(`${what}, ${plugin}`, answer, async () => {
      bench.heal();
      await pod.stop(id);
      await pod.remove(id);
    });
  });

  it('that fails at ADD and at DEL: what could not be undone is there until it can, and no second pod is made', async () => {
    await start();
    bench.fault('ADD fails, DEL fails');
    const answer = await answerOf(pod.run());
    expect(await bench.left()).toEqual(
      expect.arrayContaining(['container', 'address', 'cache entry', 'journal entry']),
    );
    expect(await answerOf(pod.run())).toMatch(/failed at DEL/);
    expect(readdirSync(bench.path('cache/results'))).toHaveLength(1);
    await table.settle('ADD fails, DEL fails', answer, async () => {
      bench.heal();
      await pod.live();
    });
  });

  it('that hangs for one pod: the others go on', async () => {
    await start();
    bench.fault('ADD hangs', 'web');
    let hangs = true;
    const kubelet = new AbortController();
    const hung = answerOf(pod.run({ signal: kubelet.signal })).finally(() => (hangs = false));
    while (!existsSync(bench.path('cache/results'))) await new Promise((resolve) => setTimeout(resolve, 20));
    await new KubeletCalls(client, bench.namespace, image, 'other').live();
    expect(hangs).toBe(true);
    kubelet.abort();
    await table.settle('ADD hangs for another pod', await hung, async () => {
      bench.heal();
      await pod.live();
    });
  });
});
