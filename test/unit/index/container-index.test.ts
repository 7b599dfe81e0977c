import type { ContainerInspect, ContainerSummary } from '../../../src/docker/types';
import { ContainerIndex } from '../../../src/index/container-index';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';
import { aCall } from '../../support/a-call';
import { FakeNode, inspected, row } from '../../support/fake-node';

const pod = new FakeNode().sandbox(1);
const { ctx } = aCall();

let index: ContainerIndex;
let listed: ContainerSummary[];
/** The inspects that are not answered yet. */
let asked: { answer: (container: ContainerInspect) => void; fail: (error: Error) => void }[];

beforeEach(async () => {
  asked = [];
  listed = [];
  index = new ContainerIndex({
    engine: {
      listContainers: () => Promise.resolve(listed),
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
    (await nextAsked())?.fail(new ShimError('Internal', 'docker is confused'));
    expect(await answer).toBe('');
  });

  it.each<[string, string[]]>([
    ['fails as if Docker were away', []],
    ['is followed by an event that tells nothing', ['oom', 'rename']],
  ])('is as its end was told also when that %s', async (_what, after) => {
    tell('update');
    const first = await nextAsked();
    tell('die');
    after.forEach(tell);
    first?.answer(inspected(pod));
    const answer = settled();
    const away = new ShimError('Unavailable', 'no free file');
    (await nextAsked())?.fail(away);
    (await nextAsked())?.fail(after.length === 0 ? new ShimError('Internal', 'docker is confused') : away);
    await answer.catch(() => undefined);
    expect((await index.sandbox(ctx, pod.id)).details?.networked.netns).toBe('');
  });

  it('is looked at once more when Docker could not tell, and has no details when it still cannot', async () => {
    tell('oom');
    (await nextAsked())?.fail(new ShimError('Internal', 'docker is confused'));
    const first = settled();
    await answerNext();
    expect(await first).toBe('/proc/7/ns/net');

    tell('oom');
    const second = index.settledSandbox(ctx, pod.id);
    (await nextAsked())?.fail(new ShimError('Internal', 'docker is confused'));
    (await nextAsked())?.fail(new ShimError('Internal', 'docker is confused'));
    expect((await second).details).toBeUndefined();
  });
});

describe('the containers of a pod', () => {
  const node = new FakeNode();
  const member = node.container(2, pod);
  const known = async () => (await index.members(ctx, pod.id)).map(({ status }) => status.resources?.linux?.cpuShares);

  it('are as they were updated', async () => {
    const first = index.container(ctx, member.id);
    (await nextAsked())?.answer(inspected(member));
    await first;
    expect(await known()).toEqual([0n]);
    index.showsReaders(member.id, () => false);
    const after = known();
    (await nextAsked())?.answer(inspected({ ...member, resources: { CpuShares: 300 } }));
    expect(await after).toEqual([300n]);
  });

  it('are all there for who ends the pod, also when Docker could not tell of one yet', async () => {
    const shown = index.shows(ctx, member.id, () => true);
    (await nextAsked())?.fail(new ShimError('Internal', 'docker is confused'));
    await shown;
    expect(await index.members(ctx, pod.id)).toEqual([]);
    listed = [row(member)];
    const all = index.allMembers(ctx, pod.id);
    (await nextAsked())?.fail(new ShimError('Internal', 'docker is confused'));
    expect((await all).map(({ id }) => id)).toEqual([member.id]);
  });
});
