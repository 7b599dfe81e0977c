import { ShimError } from '../../../src/lib/errors';
import { stopPodSandbox } from '../../../src/sandbox/stop';
import { aCall } from '../../support/a-call';
import { nodeWith, SANDBOX_ID } from '../../support/one-sandbox';
import { refusalOf } from '../../support/refusal';

/** StopPodSandbox of a pod whose plugins' DEL ends when the test says so, and what was done so far. */
function stopOf(holds: boolean) {
  const story: string[] = [];
  let end!: (failure?: ShimError) => void;
  const del = new Promise<void>((resolve, reject) => {
    end = (failure) => (failure === undefined ? resolve() : reject(failure));
  });
  const node = nodeWith(7);
  const needs = {
    ...node,
    engine: {
      ...node.engine,
      listContainers: () => Promise.resolve([]),
      stopContainer: () => Promise.resolve(void story.push('the pause is stopped')),
    },
    index: { ...node.index, allMembers: () => Promise.resolve([]) },
    network: {
      hold: () => Promise.resolve(holds),
      detach: () => del.then(() => void story.push('the plugins are done')),
      knows: () => Promise.resolve(true),
    },
    checkpoints: { read: () => Promise.resolve(undefined) },
    onStopped: () => Promise.resolve(void story.push('nothing leads into it')),
    onStep: (step: string) => void (step === 'stop:finished' && story.push('the pod is stopped')),
  };
  const stopping = stopPodSandbox(needs)({ podSandboxId: SANDBOX_ID }, aCall().ctx);
  return { story, end, stopping };
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 20));

it("stops the pause while the plugins are at work in the pod's namespace, which is held", async () => {
  const { story, end, stopping } = stopOf(true);
  await turns();
  expect(story).toEqual(['the pause is stopped', 'nothing leads into it']);
  end();
  await stopping;
  expect(story.slice(2)).toEqual(['the plugins are done', 'the pod is stopped']);
});

it('stops the pause all the same when the plugins fail, and says that they did', async () => {
  const { story, end, stopping } = stopOf(true);
  end(new ShimError('Internal', 'the plugin is away'));
  expect(await refusalOf(stopping)).toBe(`Internal: stop pod sandbox ${SANDBOX_ID}: the plugin is away`);
  expect(story).toEqual(['the pause is stopped', 'nothing leads into it']);
});

it('keeps the pause until the plugins are done where its namespace cannot be held', async () => {
  const { story, end, stopping } = stopOf(false);
  await turns();
  expect(story).toEqual([]);
  end();
  await stopping;
  expect(story).toEqual([
    'the plugins are done',
    'the pause is stopped',
    'nothing leads into it',
    'the pod is stopped',
  ]);
});

it('keeps the pause, and with it the namespace, when the plugins fail there', async () => {
  const { story, end, stopping } = stopOf(false);
  end(new ShimError('Internal', 'the plugin is away'));
  expect(await refusalOf(stopping)).toMatch(/the plugin is away$/);
  expect(story).toEqual([]);
});
