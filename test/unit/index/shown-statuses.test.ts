import { ContainerStatus } from '../../../generated/runtime/v1/api';
import { ImageIndex } from '../../../src/index/image-index';
import type { NodeContainer } from '../../../src/index/node-record';
import { ShownStatuses, type ShownStatusesNeeds } from '../../../src/index/shown-statuses';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';
import { aCall } from '../../support/a-call';

const KERNEL: Readonly<Record<string, string>> = { 'memory.high': 'max', 'memory.low': '5', 'pids.max': '9' };

function statusesWith(images: ShownStatusesNeeds['images']): ShownStatuses {
  return new ShownStatuses({
    images,
    oomScoreOf: () => 0,
    updatedCgroupFiles: () => ({ 'memory.low': '4' }),
    readCgroupFiles: (_of, files) => Object.fromEntries(files.map((file) => [file, KERNEL[file] ?? ''])),
    addresses: () => Promise.resolve([]),
  });
}

function aContainer(record: Pick<NodeContainer, 'pid' | 'cgroupFiles'>): NodeContainer {
  const status = ContainerStatus.fromPartial({ resources: { linux: {} } });
  return { kind: 'container', id: 'c', name: 'c', running: true, sandboxId: 's', ...record, status };
}

/** The `unified` values that a client is told of a container that updates have asked for `memory.low` of. */
async function unifiedOf(record: Pick<NodeContainer, 'pid' | 'cgroupFiles'>): Promise<unknown> {
  const statuses = statusesWith({ namesById: () => Promise.resolve(new Map()) });
  return (await statuses.container(aCall().ctx, aContainer(record))).resources?.linux?.unified;
}

it('has what the kernel says of all that was asked for, when it was created or later', async () => {
  const asked = { pid: 7, cgroupFiles: { 'memory.high': '3' } };
  expect(await unifiedOf(asked)).toEqual({ 'memory.high': 'max', 'memory.low': '5' });
  expect(await unifiedOf({ pid: 7, cgroupFiles: {} })).toEqual({ 'memory.low': '5' });
});

it('says nothing of what has no cgroup', async () => {
  expect(await unifiedOf({ pid: 0, cgroupFiles: { 'memory.high': '3' } })).toEqual({});
});

it('is there even when Docker cannot list its images', async () => {
  const listImages = () => Promise.reject(new ShimError('Internal', 'docker: no images'));
  const images = new ImageIndex({ listImages, inspectImage: () => Promise.reject(new Error('no image')) }, silentLog);
  const { ctx } = aCall();
  const statuses = await statusesWith(images).containers(ctx, [aContainer({ pid: 7, cgroupFiles: {} })]);
  expect(statuses).toMatchObject([{ resources: { linux: { unified: { 'memory.low': '5' } } } }]);
});
