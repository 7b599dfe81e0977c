import {
  Container,
  ContainerEventResponse,
  GetEventsRequest,
  PodSandboxMetrics,
  RuntimeServiceService as Runtime,
  StreamContainersRequest,
  StreamPodSandboxMetricsResponse,
} from '../../../generated/runtime/v1/api';
import type { RuntimeVerbs } from '../../../src/cri/verbs';
import { ShimError } from '../../../src/lib/errors';
import { CriServerUnderTest } from '../../support/cri-server-under-test';
import { refusal } from '../../support/grpc-refusal';

let cri: CriServerUnderTest | undefined;

async function serve(runtime: Partial<RuntimeVerbs>): Promise<CriServerUnderTest> {
  cri = new CriServerUnderTest({ runtime });
  await cri.start();
  return cri;
}

afterEach(async () => {
  await cri?.remove();
  cri = undefined;
});

const REQUEST = GetEventsRequest.fromPartial({});
const event = (number: number) => ContainerEventResponse.fromPartial({ containerId: String(number) });

async function* inOnePart<Part>(part: Part): AsyncGenerator<Part> {
  yield await Promise.resolve(part);
}

async function idsOf(parts: AsyncIterable<ContainerEventResponse>): Promise<string[]> {
  const ids = [];
  for await (const { containerId } of parts) ids.push(containerId);
  return ids;
}

it('sends each part, and then the end', async () => {
  const { client } = await serve({
    async *getContainerEvents() {
      yield event(1);
      yield event(2);
    },
  });
  expect(await idsOf(client.stream(Runtime.getContainerEvents, REQUEST))).toEqual(['1', '2']);
});

it('sends what came before a failure, its code and its words, and logs it', async () => {
  const { client, log } = await serve({
    async *getContainerEvents() {
      yield event(1);
      throw new ShimError('ResourceExhausted', 'events were missed');
    },
  });
  const parts = client.stream(Runtime.getContainerEvents, REQUEST);
  expect((await parts.next()).value.containerId).toBe('1');
  await expect(parts.next()).rejects.toMatchObject(refusal('RESOURCE_EXHAUSTED', /^events were missed$/));
  expect(log.filter(({ level }) => level === 'warn')).toHaveLength(1);
});

it('ends the verb when its client leaves', async () => {
  let ended!: (reason: unknown) => void;
  const reason = new Promise((resolve) => (ended = resolve));
  const { client } = await serve({
    async *getContainerEvents(_request, { signal }) {
      yield event(1);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      ended(signal.reason);
    },
  });
  for await (const part of client.stream(Runtime.getContainerEvents, REQUEST)) {
    expect(part.containerId).toBe('1');
    break;
  }
  expect(await reason).toMatchObject({ kind: 'Cancelled' });
});

it('asks for no more than a slow client takes', async () => {
  let made = 0;
  const large = 'x'.repeat(1 << 20);
  const { client } = await serve({
    async *getContainerEvents() {
      for (;;) {
        made += 1;
        yield await Promise.resolve(ContainerEventResponse.fromPartial({ containerId: large }));
      }
    },
  });
  const parts = client.stream(Runtime.getContainerEvents, REQUEST);
  await parts.next();
  let before: number;
  do {
    before = made;
    await new Promise((resolve) => setTimeout(resolve, 200));
  } while (made > before);
  expect(made).toBeLessThan(50);
  await parts.return(undefined);
});

it('sends a list in parts that together are the list', async () => {
  const all = Array.from({ length: 60 }, (_, at) => Container.fromPartial({ id: String(at) }));
  const { client } = await serve({ listContainers: () => Promise.resolve({ containers: all }) });
  const parts = [];
  for await (const { containers } of client.stream(Runtime.streamContainers, StreamContainersRequest.fromPartial({}))) {
    parts.push(containers);
  }
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.flat()).toEqual(all);
});

it('sends a list whose items are large in messages that every client takes', async () => {
  const podMetrics = Array.from({ length: 60 }, (_, pod) =>
    PodSandboxMetrics.fromPartial({ podSandboxId: `${pod}`, metrics: [{ name: 'x'.repeat(1_000_000) }] }),
  );
  const { client } = await serve({ listPodSandboxMetrics: () => inOnePart({ podMetrics }) });
  const ids: string[] = [];
  const lengths: number[] = [];
  for await (const part of client.stream(Runtime.streamPodSandboxMetrics, {})) {
    ids.push(...part.podSandboxMetrics.map(({ podSandboxId }) => podSandboxId));
    lengths.push(StreamPodSandboxMetricsResponse.encode(part).finish().length);
  }
  expect(ids).toEqual(podMetrics.map(({ podSandboxId }) => podSandboxId));
  expect(Math.max(...lengths)).toBeLessThanOrEqual(4 * 1024 * 1024);

  const refused = client.call(Runtime.listPodSandboxMetrics, {});
  await expect(refused).rejects.toMatchObject(refusal('RESOURCE_EXHAUSTED', /or call the method that streams/));
});

it('answers a list that is made in parts whole, and streams it part by part', async () => {
  const { client } = await serve({
    async *listPodSandboxMetrics() {
      yield { podMetrics: [PodSandboxMetrics.fromPartial({ podSandboxId: '1' })] };
      yield { podMetrics: [PodSandboxMetrics.fromPartial({ podSandboxId: '2' })] };
    },
  });
  const whole = await client.call(Runtime.listPodSandboxMetrics, {});
  expect(whole.podMetrics.map(({ podSandboxId }) => podSandboxId)).toEqual(['1', '2']);
  const parts = [];
  for await (const { podSandboxMetrics } of client.stream(Runtime.streamPodSandboxMetrics, {})) {
    parts.push(podSandboxMetrics.map(({ podSandboxId }) => podSandboxId));
  }
  expect(parts).toEqual([['1'], ['2']]);
});

it('answers a list without a part empty, and one that fails in the middle with the failure', async () => {
  const { client } = await serve({
    async *listPodSandboxMetrics() {},
    async *listPodSandboxStats() {
      yield { stats: [] };
      throw new ShimError('Unavailable', 'docker is away');
    },
  });
  expect(await client.call(Runtime.listPodSandboxMetrics, {})).toEqual({ podMetrics: [] });
  await expect(client.call(Runtime.listPodSandboxStats, { filter: undefined })).rejects.toMatchObject(
    refusal('UNAVAILABLE', /^docker is away$/),
  );
});

it('refuses a single item that no client takes', async () => {
  const podMetrics = [PodSandboxMetrics.fromPartial({ metrics: [{ name: 'x'.repeat(17 << 20) }] })];
  const { client } = await serve({ listPodSandboxMetrics: () => inOnePart({ podMetrics }) });
  const refused = client.stream(Runtime.streamPodSandboxMetrics, {}).next();
  await expect(refused).rejects.toMatchObject(refusal('RESOURCE_EXHAUSTED', /more than the 16777216/));
});
