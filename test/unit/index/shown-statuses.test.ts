import { ContainerStatus } from '../../../generated/runtime/v1/api';
import type { NodeContainer } from '../../../src/index/node-record';
import { ShownStatuses } from '../../../src/index/shown-statuses';
import { aCall } from '../../support/a-call';

const KERNEL: Readonly<Record<string, string>> = { 'memory.high': 'max', 'memory.low': '5', 'pids.max': '9' };

/** The `unified` values that a client is told of a container that updates have asked for `memory.low` of. */
async function unifiedOf(record: Pick<NodeContainer, 'pid' | 'cgroupFiles'>): Promise<unknown> {
  const statuses = new ShownStatuses({
    images: { byId: () => Promise.resolve(new Map()) },
    oomScoreOf: () => 0,
    updatedCgroupFiles: () => ({ 'memory.low': '4' }),
    readCgroupFiles: (_of, files) => Object.fromEntries(files.map((file) => [file, KERNEL[file] ?? ''])),
    addresses: () => Promise.resolve([]),
  });
  const status = ContainerStatus.fromPartial({ resources: { linux: {} } });
  const container = {
    kind: 'container',
    id: 'c',
    name: 'c',
    running: true,
    sandboxId: 's',
    ...record,
    status,
  } as const;
  return (await statuses.container(aCall().ctx, container)).resources?.linux?.unified;
}

it('has what the kernel says of all that was asked for, when it was created or later', async () => {
  const asked = { pid: 7, cgroupFiles: { 'memory.high': '3' } };
  expect(await unifiedOf(asked)).toEqual({ 'memory.high': 'max', 'memory.low': '5' });
  expect(await unifiedOf({ pid: 7, cgroupFiles: {} })).toEqual({ 'memory.low': '5' });
});

it('says nothing of what has no cgroup', async () => {
  expect(await unifiedOf({ pid: 0, cgroupFiles: { 'memory.high': '3' } })).toEqual({});
});
