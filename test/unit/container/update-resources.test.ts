import {
  ContainerStatus,
  UpdateContainerResourcesRequest,
  type LinuxContainerResources,
} from '../../../generated/runtime/v1/api';
import { updateContainerResources } from '../../../src/container/update-resources';
import type { EngineFacts } from '../../../src/docker/engine-facts';
import type { ContainerInspect, HostConfig } from '../../../src/docker/types';
import { inspectedContainer, type NodeContainer } from '../../../src/index/node-record';
import { KeyedMutex } from '../../../src/lib/keyed-mutex';
import { silentLog } from '../../../src/lib/log';
import { CgroupUpdates } from '../../../src/store/cgroup-updates';
import { cgroupLabel, containerLabels } from '../../../src/translate/labels';
import { aCall } from '../../support/a-call';
import { refusalOf } from '../../support/refusal';
import { temporaryDirectory } from '../../support/temporary-directory';

/** On a host of cgroup v2: what is written to the container's cgroup, and what is remembered of it. */
const directory = temporaryDirectory();
const ID = 'f0'.repeat(32);
const CREATED_WITH = { 'memory.high': '1' };

let updates: CgroupUpdates;
let status: 'created' | 'running';
let kernel: Record<string, string>;
/** What Docker knows of the container. */
let host: HostConfig;
/** What the index shows otherwise than Docker's inspect has it. */
let shown: Partial<NodeContainer>;

beforeEach(() => {
  updates = new CgroupUpdates(directory.path('cgroups'));
  status = 'running';
  host = {};
  shown = {};
  kernel = { 'memory.high': '1', 'memory.low': '0', 'pids.max': 'max' };
});

function update(linux: Partial<LinuxContainerResources>) {
  const labels = containerLabels({ labels: {}, annotations: {} }, 'a'.repeat(64), '');
  const inspect = {
    Id: ID,
    Name: '/k8s_c_pod_ns_uid_0',
    Created: '',
    Config: { Labels: { ...labels, ...cgroupLabel(CREATED_WITH) } },
    State: {
      Status: status,
      Running: status === 'running',
      Pid: 7,
      ExitCode: 0,
      Error: '',
      StartedAt: '',
      FinishedAt: '',
    },
    HostConfig: host,
  } as unknown as ContainerInspect;
  const runtimes = { names: ['runc'], default: 'runc', recursiveReadOnly: [] };
  const container = { ...inspectedContainer(inspect, () => false, runtimes), ...shown };
  const verb = updateContainerResources({
    engine: {
      updateContainer() {
        // As systemd does, which takes back what it was not told.
        if (status === 'running') kernel['memory.high'] = 'max';
        return Promise.resolve();
      },
    },
    index: { settledContainer: () => Promise.resolve(container) },
    facts: () => Promise.resolve({ cgroupV2: true, swapLimit: true } as EngineFacts),
    lowestOomScore: -1000,
    hugepageSizes: [],
    cgroups: new KeyedMutex(),
    cgroupUpdates: updates,
    readCgroupFiles: (_of, files) => Object.fromEntries(files.map((file) => [file, kernel[file] ?? ''])),
    writeCgroupFiles(_of, values) {
      for (const [file, value] of Object.entries(values)) {
        if (value === 'nonsense') return Promise.reject(new Error('invalid argument'));
        kernel[file] = value;
      }
      return Promise.resolve();
    },
    setOomScore: () => Promise.resolve(),
  });
  return verb(UpdateContainerResourcesRequest.fromPartial({ containerId: ID, linux }), aCall().ctx);
}

it('writes again what was asked for before, and remembers nothing when nothing is new', async () => {
  await update({ cpuShares: 300n });
  await update({ unified: CREATED_WITH });
  expect(kernel['memory.high']).toBe('1');
  expect(updates.ids()).toEqual([]);
});

it('remembers what is new, also for the next life and the next update', async () => {
  await update({ unified: { 'memory.low': '5' } });
  await update({ unified: { 'memory.high': '9' } });
  const next = new CgroupUpdates(directory.path('cgroups'));
  await next.load(silentLog);
  expect(next.of(ID)).toEqual({ 'memory.low': '5', 'memory.high': '9' });
  kernel = {};
  await update({ cpuShares: 300n });
  expect(kernel).toEqual({ 'memory.low': '5', 'memory.high': '9' });
});

it('remembers that an update took back another one', async () => {
  await update({ unified: { 'memory.high': '9' } });
  await update({ unified: CREATED_WITH });
  expect(updates.of(ID)).toEqual(CREATED_WITH);
});

it('leaves all as it was when one file cannot be written', async () => {
  const before = { ...kernel };
  const failing = update({ unified: { 'memory.low': '5', 'pids.max': 'nonsense' } });
  expect(await refusalOf(failing)).toMatch(/invalid argument/);
  expect(kernel).toEqual(before);
  expect(updates.ids()).toEqual([]);
});

it('is kept for the start of a container that has no cgroup yet', async () => {
  status = 'created';
  const before = { ...kernel };
  await update({ unified: { 'memory.low': '5' } });
  expect(kernel).toEqual(before);
  expect(updates.of(ID)).toEqual({ 'memory.low': '5' });
});

it('a memory limit cannot be taken away, but where there is none', async () => {
  await update({ memoryLimitInBytes: -1n });
  host = { Memory: 2 ** 26 };
  expect(await refusalOf(update({ memoryLimitInBytes: -1n }))).toBe(
    'Unimplemented: linux.memory_limit_in_bytes: Docker cannot take a memory limit away: give another one',
  );
});

it('is refused for a container that Docker lists and cannot inspect', async () => {
  shown = { status: ContainerStatus.fromPartial({}) };
  expect(await refusalOf(update({ cpuShares: 300n }))).toBe(
    `Unavailable: docker cannot tell of container ${ID} just now: try again`,
  );
});
