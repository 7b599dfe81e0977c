import type { ContainerInspect } from '../../../src/docker/types';
import { ContainerIndex } from '../../../src/index/container-index';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';
import { aCall } from '../../support/a-call';
import { FakeNode, inspected } from '../../support/fake-node';

const pod = new FakeNode().sandbox(1);
const { ctx } = aCall();

let index: ContainerIndex;
/** The inspects that are not answered yet. */
let asked: { answer: (container: ContainerInspect) => void; fail: (error: Error) => void }[];

beforeEach(async () => {
  asked = [];
  index = new ContainerIndex({
    engine: {
      listContainers: () => Promise.resolve([]),
      inspectContainer: () => new Promise((answer, fail) => asked.push({ answer, fail })),
    },
    runtimes: () => Promise.resolve({ names: ['runc'], default: 'runc', recursiveReadOnly: [] }),
    oomKilled: () => false,
    drain: { drained: () => Promise.resolve() },
    onChange: () => undefined,
    log: silentLog,
  });
  await index.onEventsFlow(ctx);
  pod.status = 'running';
  const known = index.sandbox(ctx, pod.id);
  await answerNext();
  await known;
});

async function nextAsked() {
  while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  return asked.shift();
}

async function answerNext(): Promise<void> {
  (await nextAsked())?.answer(inspected(pod));
}

function tell(action: string): void {
  index.onEvent({ Type: 'container', Action: action, Actor: { ID: pod.id, Attributes: pod.labels }, time: 9_000 });
}

const settled = async () => (await index.settledSandbox(ctx, pod.id)).details?.networked.netns;

describe('a sandbox that is settled', () => {
  it('is answered at once when nothing was told of it', async () => {
    expect(await settled()).toBe('/proc/7/ns/net');
    expect(asked).toEqual([]);
  });

  it('has been looked at after all that was told of it: its process may have gone', async () => {
    tell('oom');
    const first = await nextAsked();
    const withProcess = inspected(pod);
    pod.status = 'exited';
    tell('die');
    expect((await index.sandbox(ctx, pod.id)).details?.networked.netns).toBe('/proc/7/ns/net');
    const answer = settled();
    first?.answer(withProcess);
    await answerNext();
    expect(await answer).toBe('');
  });

  it('is as its end was told when Docker cannot tell of it', async () => {
    tell('die');
    const answer = settled();
    (await nextAsked())?.fail(new ShimError('Internal', 'docker is confused'));
    expect(await answer).toBe('');
  });
});
