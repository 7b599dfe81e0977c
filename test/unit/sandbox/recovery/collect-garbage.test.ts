import { ShimError } from '../../../../src/lib/errors';
import { KeyedMutex } from '../../../../src/lib/keyed-mutex';
import { RepeatedFailures } from '../../../../src/lib/repeated-failures';
import { tearDownVanished, type GarbageNeeds } from '../../../../src/sandbox/recovery/collect-garbage';
import type { Checkpoint } from '../../../../src/store/checkpoint-text';
import { aCall } from '../../../support/a-call';
import { keptLog, type LogLine } from '../../../support/cri-server-under-test';

const [LIVE, CHECKPOINTED, CACHED, ON_HOST] = ['aa', 'bb', 'cc', 'dd'].map((two) => two.repeat(32)) as [
  string,
  string,
  string,
  string,
];
const POD: Checkpoint = { name: 'web', namespace: 'shop', hostNetwork: false, portMappings: [] };

/** A node with one live sandbox and three that have vanished, of which something is kept in different places. */
function node(detach: (id: string) => Promise<void> = () => Promise.resolve()) {
  const story: string[] = [];
  const checkpoints = new Map([
    [LIVE, POD],
    [CHECKPOINTED, POD],
    [ON_HOST, { ...POD, hostNetwork: true }],
  ]);
  const needs = {
    engine: {
      listContainers: () => {
        story.push('list');
        return Promise.resolve([{ Id: LIVE }]);
      },
    },
    pods: new KeyedMutex(),
    checkpoints: {
      ids: () => {
        story.push('checkpoints');
        return Promise.resolve([...checkpoints.keys()]);
      },
      read: (id: string) => Promise.resolve(checkpoints.get(id)),
      remove: (id: string) => Promise.resolve(void checkpoints.delete(id)),
    },
    network: {
      knownSandboxes: () => {
        story.push('cache');
        return Promise.resolve([LIVE, CACHED]);
      },
      knows: (id: string) => Promise.resolve(id === CACHED),
      detach: (_ctx: unknown, { sandboxId, name }: { sandboxId: string; name: string }) => {
        story.push(`detach ${sandboxId.slice(0, 2)} ${name}`);
        return detach(sandboxId);
      },
    },
  } as unknown as GarbageNeeds;
  return { needs, story, checkpoints };
}

it('takes what has vanished off its network and forgets it; what is live stays', async () => {
  const { needs, story, checkpoints } = node();
  await tearDownVanished(needs, aCall().ctx, new RepeatedFailures());
  // The sandboxes are listed last: one that is made meanwhile must not be taken for vanished.
  expect(story).toEqual(['checkpoints', 'cache', 'list', 'detach bb web', 'detach cc ']);
  expect([...checkpoints.keys()]).toEqual([LIVE]);
});

it('keeps what could not be taken off, says so once, and goes on with the others', async () => {
  const lines: LogLine[] = [];
  const { needs, checkpoints } = node((id) =>
    id === CHECKPOINTED ? Promise.reject(new ShimError('Internal', 'DEL failed')) : Promise.resolve(),
  );
  const failures = new RepeatedFailures<string>();
  const turn = () => tearDownVanished(needs, aCall(keptLog(lines)).ctx, failures);
  await turn();
  expect([...checkpoints.keys()]).toEqual([LIVE, CHECKPOINTED]);
  expect(lines).toContainEqual({
    level: 'warn',
    message: 'a sandbox that is gone was not torn down',
    fields: { sandbox: CHECKPOINTED, error: 'DEL failed' },
  });
  await turn();
  expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
});

it('takes nothing for vanished while the engine does not answer', async () => {
  const { needs, story } = node();
  const away = new ShimError('Unavailable', 'the engine is away');
  const without = { ...needs, engine: { ...needs.engine, listContainers: () => Promise.reject(away) } };
  await expect(tearDownVanished(without, aCall().ctx, new RepeatedFailures())).rejects.toBe(away);
  expect(story.filter((line) => line.startsWith('detach'))).toEqual([]);
});
