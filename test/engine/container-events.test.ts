import {
  ContainerEventType,
  ContainerState,
  GetEventsRequest,
  ListContainersRequest,
  ListPodSandboxRequest,
  PodSandboxState,
  RuntimeServiceService as Runtime,
  StreamContainersRequest,
  StreamPodSandboxesRequest,
  type ContainerEventResponse,
} from '../../generated/runtime/v1/api';
import { docker } from '../support/engine-under-test';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

jest.setTimeout(60_000);

const { CONTAINER_CREATED_EVENT: CREATED, CONTAINER_STARTED_EVENT: STARTED } = ContainerEventType;
const { CONTAINER_STOPPED_EVENT: STOPPED, CONTAINER_DELETED_EVENT: DELETED } = ContainerEventType;

let shim: ShimUnderTest;
let pods: TestPods;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
});

afterAll(() => shim.stop());

/** Reads the events of one run's pods in the background: the engine may have others. */
class Reader {
  readonly events: ContainerEventResponse[] = [];
  private readonly left = new AbortController();
  private readonly reading = this.read();

  private async read(): Promise<void> {
    const { signal } = this.left;
    const parts = shim.client.stream(Runtime.getContainerEvents, GetEventsRequest.fromPartial({}), { signal });
    try {
      for await (const event of parts) {
        if (event.podSandboxStatus?.metadata?.namespace === shim.runName) this.events.push(event);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Waits for an event of the container. */
  async until(containerId: string, type: ContainerEventType): Promise<ContainerEventResponse> {
    for (;;) {
      const found = this.events.find((event) => event.containerId === containerId && event.containerEventType === type);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  typesOf(containerId: string): ContainerEventType[] {
    return this.events.filter((event) => event.containerId === containerId).map((event) => event.containerEventType);
  }

  async leave(): Promise<void> {
    this.left.abort();
    await this.reading;
  }
}

/** A reader that is certain to read: the server has taken its call up when an event comes through. */
async function aReader(): Promise<Reader> {
  const reader = new Reader();
  while (reader.events.length === 0) {
    const pod = await pods.run();
    await shim.call(Runtime.removePodSandbox, { podSandboxId: pod.id });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return reader;
}

it('tells of a whole life in order, each step with the whole pod', async () => {
  const reader = await aReader();
  const pod = await pods.run();
  const containerId = await pods.started(pod);
  await shim.call(Runtime.stopContainer, { containerId, timeout: 0n });
  await shim.call(Runtime.removeContainer, { containerId });
  await shim.call(Runtime.stopPodSandbox, { podSandboxId: pod.id });
  await shim.call(Runtime.removePodSandbox, { podSandboxId: pod.id });
  await reader.until(pod.id, DELETED);
  await reader.leave();

  expect(reader.typesOf(pod.id)).toEqual([CREATED, STARTED, STOPPED, DELETED]);
  expect(reader.typesOf(containerId)).toEqual([CREATED, STARTED, STOPPED, DELETED]);
  const of = (id: string, type: ContainerEventType) =>
    reader.events.find((event) => event.containerId === id && event.containerEventType === type);
  expect(of(pod.id, STARTED)?.podSandboxStatus).toMatchObject({
    id: pod.id,
    state: PodSandboxState.SANDBOX_READY,
    network: { ip: expect.stringMatching(/\d/) },
  });
  expect(of(containerId, STARTED)?.containersStatuses).toMatchObject([
    { id: containerId, state: ContainerState.CONTAINER_RUNNING },
  ]);
  expect(of(containerId, STOPPED)?.containersStatuses).toMatchObject([
    { id: containerId, state: ContainerState.CONTAINER_EXITED },
  ]);
  expect(of(containerId, DELETED)).toMatchObject({ podSandboxStatus: { id: pod.id }, containersStatuses: [] });
  expect(of(pod.id, DELETED)?.podSandboxStatus?.state).toBe(PodSandboxState.SANDBOX_NOTREADY);
  const times = reader.events.map(({ createdAt }) => createdAt);
  expect(times).toEqual([...times].sort((one, other) => Number(one - other)));
});

it("tells of what is done behind the shim's back, and of an end by itself", async () => {
  const reader = await aReader();
  const pod = await pods.run();
  const killed = await pods.started(pod);
  await docker('kill', killed);
  await reader.until(killed, STOPPED);
  await docker('rm', killed);
  await reader.until(killed, DELETED);
  const { id: ended } = await pods.ended(pod, { command: ['sh', '-c', 'exit 3'] });
  const { containersStatuses } = await reader.until(ended, STOPPED);
  expect(containersStatuses).toMatchObject([{ id: ended, exitCode: 3 }]);
  await reader.leave();
});

it('goes on where a reader left', async () => {
  const first = await aReader();
  const pod = await pods.run();
  await first.until(pod.id, STARTED);
  await first.leave();
  const containerId = await pods.started(pod);
  const second = new Reader();
  await second.until(containerId, STARTED);
  await second.leave();
  expect(second.typesOf(containerId)).toEqual([CREATED, STARTED]);
});

it('streams the lists', async () => {
  const pod = await pods.run();
  await pods.started(pod);
  const containers = [];
  for await (const part of shim.client.stream(Runtime.streamContainers, StreamContainersRequest.fromPartial({}))) {
    containers.push(...part.containers);
  }
  const list = await shim.call(Runtime.listContainers, ListContainersRequest.fromPartial({}));
  expect(containers).toEqual(list.containers);
  const filter = { id: pod.id };
  const sandboxes = [];
  const request = StreamPodSandboxesRequest.fromPartial({ filter });
  for await (const part of shim.client.stream(Runtime.streamPodSandboxes, request))
    sandboxes.push(...part.podSandboxes);
  const { items } = await shim.call(Runtime.listPodSandbox, ListPodSandboxRequest.fromPartial({ filter }));
  expect(sandboxes).toEqual(items);
  expect(sandboxes).toHaveLength(1);
});
