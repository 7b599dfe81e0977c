import { writeFileSync } from 'node:fs';
import { ShimError } from '../../../../src/lib/errors';
import { aCall } from '../../../support/a-call';
import { ADD_RESULT, cniNetworkUnderTest, untilReady } from '../../../support/cni-network-under-test';
import { keptLog, type LogLine } from '../../../support/cri-server-under-test';
import { answering } from '../../../support/cni-plugins';
import { aCniPod } from '../../../support/cni-pods';
import { refusalOf } from '../../../support/refusal';
import { until } from '../../../support/until';

const node = cniNetworkUnderTest();

/** A network of plugins that know GC, and how often they have run so far. */
async function startedWithGc() {
  node.configure({ cniVersion: '1.1.0' });
  node.plugins.add('first', answering({ ...ADD_RESULT, cniVersion: '1.1.0' }));
  node.plugins.add('second', answering({ ...ADD_RESULT, cniVersion: '1.1.0' }));
  const network = await node.started();
  await untilReady(network, true);
  const before = node.plugins.runs().length;
  return { network, before };
}

it('GC tells plugins of 1.1.0 which pods stay', async () => {
  const { network, before } = await startedWithGc();
  await network.collectGarbage(aCall().ctx, () => Promise.resolve(['a11ce']));
  expect(node.plugins.story().slice(before)).toEqual(['first GC', 'second GC']);
  const stays = [{ containerID: 'a11ce', ifname: 'eth0' }];
  // About the network and no pod: no container, no namespace, no interface.
  expect(node.plugins.runs()[before]).toEqual({
    plugin: 'first',
    command: 'GC',
    environment: { CNI_COMMAND: 'GC', CNI_PATH: node.path('bin') },
    input: {
      type: 'first',
      name: 'pods',
      cniVersion: '1.1.0',
      'cni.dev/valid-attachments': stays,
      'cni.dev/attachments': stays,
    },
  });
});

it('GC that fails is logged once, for all plugins have been asked, and keeps no pod from the network', async () => {
  const { network, before } = await startedWithGc();
  const message = '{"cniVersion":"1.1.0","code":11,"msg":"the lease is held"}';
  const others = answering({ ...ADD_RESULT, cniVersion: '1.1.0' });
  node.plugins.add('first', `if [ $CNI_COMMAND = GC ]; then echo '${message}'; exit 1; fi\n${others}`);
  const lines: LogLine[] = [];
  await network.collectGarbage(aCall(keptLog(lines)).ctx, () => Promise.resolve(['a11ce']));
  expect(node.plugins.story().slice(before)).toEqual(['first GC', 'second GC']);
  expect(lines).toMatchObject([
    {
      level: 'warn',
      message: 'the pod network did not free what nobody uses',
      fields: { error: expect.stringMatching(/^[^;]*first[^;]*the lease is held/) },
    },
  ]);
  await network.attach(aCall().ctx, aCniPod('b0b', ''));
});

it('GC asks no plugin while nobody knows which pods live: it is to be asked for again', async () => {
  const { network, before } = await startedWithGc();
  const away = new ShimError('Unavailable', 'the engine is away');
  await expect(network.collectGarbage(aCall().ctx, () => Promise.reject(away))).rejects.toBe(away);
  expect(node.plugins.story().slice(before)).toEqual([]);
  await network.collectGarbage(aCall().ctx, () => Promise.resolve(['a11ce']));
  expect(node.plugins.story().slice(before)).toEqual(['first GC', 'second GC']);
});

it('GC waits for the pods that are being attached, and other pods wait for it', async () => {
  const { network, before } = await startedWithGc();
  const attaching = network.attach(aCall().ctx, aCniPod('a11ce', ''));
  await until(() => node.plugins.runs().length > before);
  await Promise.all([
    attaching,
    network.collectGarbage(aCall().ctx, () => Promise.resolve(['a11ce'])),
    network.attach(aCall().ctx, aCniPod('b0b', '')),
  ]);
  expect(node.plugins.story().slice(before)).toEqual([
    ...['first ADD', 'second ADD'],
    ...['first GC', 'second GC'],
    ...['first ADD', 'second ADD'],
  ]);
});

it('GC waits for the pods that are being taken off, and other pods wait for it', async () => {
  const { network, before } = await startedWithGc();
  for (const type of ['first', 'second']) node.plugins.add(type, 'sleep 0.2; exit 0');
  const detaching = network.detach(aCall().ctx, aCniPod('a11ce', ''));
  await until(() => node.plugins.runs().length > before);
  await Promise.all([
    detaching,
    network.collectGarbage(aCall().ctx, () => Promise.resolve([])),
    network.detach(aCall().ctx, aCniPod('b0b', '')),
  ]);
  expect(node.plugins.story().slice(before)).toEqual([
    ...['second DEL', 'first DEL'],
    ...['first GC', 'second GC'],
    ...['second DEL', 'first DEL'],
  ]);
});

it('RemovePodSandbox of a pod that has been taken off does not wait for GC', async () => {
  const { network } = await startedWithGc();
  await network.detach(aCall().ctx, aCniPod('a11ce', ''));
  const ended: string[] = [];
  let goOn!: () => void;
  const live = new Promise<string[]>((resolve) => (goOn = () => resolve([])));
  const collecting = network.collectGarbage(aCall().ctx, () => live).then(() => ended.push('GC'));
  await network.detach(aCall().ctx, aCniPod('a11ce', '')).then(() => ended.push('detach'));
  goOn();
  await collecting;
  expect(ended).toEqual(['detach', 'GC']);
});

/** A plugin that does not end before the test has written the file `go`, when what it is asked is `which`. */
function waitingWhen(which: string): string {
  const untilGo = `until [ ! ${which} ] || [ -e '${node.path('go')}' ]; do sleep 0.01; done`;
  return `${untilGo}\n${answering({ ...ADD_RESULT, cniVersion: '1.1.0' })}`;
}

describe('in time', () => {
  afterEach(() => jest.useRealTimers());

  /** The network is ready by then: that takes real time. */
  async function startedInTime() {
    const started = await startedWithGc();
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    return started;
  }

  const untilRun = async (run: string): Promise<void> => {
    while (!node.plugins.story().includes(run)) await new Promise((resolve) => setImmediate(resolve));
  };

  it('GC gives way to the other pods when those that are being attached take long', async () => {
    const { network } = await startedInTime();
    node.plugins.add('first', waitingWhen('"$CNI_CONTAINERID" = a11ce'));
    const attaching = network.attach(aCall().ctx, aCniPod('a11ce', ''));
    await untilRun('first ADD');
    const collecting = refusalOf(network.collectGarbage(aCall().ctx, () => Promise.resolve([])));
    const other = network.attach(aCall().ctx, aCniPod('b0b', ''));
    await jest.advanceTimersByTimeAsync(2_000);
    await other;
    expect(await collecting).toBe('DeadlineExceeded: waiting for ADD and DEL of other pods took more than 2 s');
    writeFileSync(node.path('go'), '');
    await attaching;
    expect(node.plugins.story().filter((run) => run.endsWith('GC'))).toEqual([]);
  });

  it('GC itself may take longer than it may wait', async () => {
    const { network, before } = await startedInTime();
    node.plugins.add('first', waitingWhen('$CNI_COMMAND = GC'));
    const collecting = network.collectGarbage(aCall().ctx, () => Promise.resolve([]));
    await untilRun('first GC');
    await jest.advanceTimersByTimeAsync(2_000);
    writeFileSync(node.path('go'), '');
    await collecting;
    expect(node.plugins.story().slice(before)).toEqual(['first GC', 'second GC']);
  });
});

describe.each([{ cniVersion: '1.0.0' }, { cniVersion: '1.1.0', disableGC: true }])('with %j', (special) => {
  async function startedWithout() {
    const result = { ...ADD_RESULT, cniVersion: special.cniVersion };
    for (const type of ['first', 'second']) node.plugins.add(type, answering(result));
    node.configure(special);
    const network = await node.started();
    await untilReady(network, true);
    return network;
  }

  it('GC asks nobody', async () => {
    const network = await startedWithout();
    await network.collectGarbage(aCall().ctx, () => Promise.reject(new Error('no list is needed')));
    expect(node.plugins.story().filter((run) => run.endsWith('GC'))).toEqual([]);
  });

  it('GC does not wait for the pods that are being attached', async () => {
    const network = await startedWithout();
    const untilGo = `until [ $CNI_COMMAND != ADD ] || [ -e '${node.path('go')}' ]; do sleep 0.01; done`;
    node.plugins.add('first', `${untilGo}\n${answering({ ...ADD_RESULT, cniVersion: special.cniVersion })}`);
    const ended: string[] = [];
    const attaching = network.attach(aCall().ctx, aCniPod('a11ce', '')).then(() => ended.push('attach'));
    await until(() => node.plugins.story().includes('first ADD'));
    const collecting = network.collectGarbage(aCall().ctx, () => Promise.resolve([])).then(() => ended.push('GC'));
    writeFileSync(node.path('go'), '');
    await Promise.all([attaching, collecting]);
    expect(ended).toEqual(['GC', 'attach']);
  });
});
