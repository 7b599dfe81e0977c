import type { ContainerInspect } from '../../../../src/docker/types';
import { ShimError } from '../../../../src/lib/errors';
import { KeyedMutex } from '../../../../src/lib/keyed-mutex';
import { mendCheckpoints, type MendNeeds } from '../../../../src/sandbox/recovery/mend-checkpoints';
import { aCall } from '../../../support/a-call';
import { keptLog, type LogLine } from '../../../support/cri-server-under-test';
import { untilGivenUp } from '../../../support/until-given-up';

const [FIRST, SECOND] = ['aa'.repeat(32), 'bb'.repeat(32)] as const;

/** Two sandboxes without a checkpoint. */
function node(inspectFirst: MendNeeds['engine']['inspectContainer']) {
  const written: string[] = [];
  const needs: MendNeeds = {
    pods: new KeyedMutex(),
    engine: {
      listContainers: () => Promise.resolve([{ Id: FIRST }, { Id: SECOND }] as never),
      inspectContainer: (ctx, id) => (id === FIRST ? inspectFirst(ctx, id) : Promise.resolve(sandbox(id))),
    },
    checkpoints: {
      isSound: (id) => Promise.resolve(written.includes(id)),
      write: (id) => Promise.resolve(void written.push(id)),
    },
  };
  return { needs, written };
}

function sandbox(id: string): ContainerInspect {
  return {
    Id: id,
    Name: `/k8s_POD_web_shop_${id.slice(0, 8)}_0`,
    Config: { Labels: { 'io.kubernetes.docker.type': 'podsandbox' } },
    HostConfig: { NetworkMode: 'host' },
    State: {},
  } as unknown as ContainerInspect;
}

afterEach(() => jest.useRealTimers());

it('makes every one that is missing', async () => {
  const { needs, written } = node((_ctx, id) => Promise.resolve(sandbox(id)));
  await mendCheckpoints(needs, aCall().ctx);
  expect(written).toEqual([FIRST, SECOND]);
});

it('gives up a sandbox that Docker hangs on, says so, and goes on with the others', async () => {
  jest.useFakeTimers();
  const lines: LogLine[] = [];
  const { needs, written } = node(untilGivenUp);
  const mending = mendCheckpoints(needs, aCall(keptLog(lines)).ctx);
  await jest.advanceTimersByTimeAsync(30_000);
  await mending;
  expect(written).toEqual([SECOND]);
  expect(lines.filter(({ level }) => level === 'warn')).toEqual([
    {
      level: 'warn',
      message: 'a checkpoint was not made anew',
      fields: { sandbox: FIRST, error: 'looking at it took more than 30 s' },
    },
  ]);
});

it('passes over a sandbox that Docker cannot inspect, says so, and goes on with the others', async () => {
  const lines: LogLine[] = [];
  const { needs, written } = node(() => Promise.reject(new ShimError('Internal', 'docker: broken')));
  await mendCheckpoints(needs, aCall(keptLog(lines)).ctx);
  expect(written).toEqual([SECOND]);
  expect(lines).toMatchObject([
    { level: 'warn', fields: { sandbox: FIRST, error: 'docker: broken' } },
    { level: 'info' },
  ]);
});

it('is not done while the engine is away', async () => {
  const away = new ShimError('Unavailable', 'the engine is away');
  const { needs } = node(() => Promise.reject(away));
  await expect(mendCheckpoints(needs, aCall().ctx)).rejects.toBe(away);
});
