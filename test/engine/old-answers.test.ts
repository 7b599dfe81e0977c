import type { MethodDefinition } from '@grpc/grpc-js';
import { existsSync, renameSync } from 'node:fs';
import { ImageServiceService as NewImages, RuntimeServiceService as NewRuntime } from '../../generated/runtime/v1/api';
import { ImageServiceService as Images, RuntimeServiceService as Runtime } from '../../generated/runtime/v1alpha2/api';
import { CriClient } from '../support/cri-client';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

/** What a kubelet of 1.20 to 1.25 is answered is what a newer one is, as far as it knows the fields: call by call. */
jest.setTimeout(60_000);

type Service = Readonly<Record<string, MethodDefinition<object, object>>>;
/** Of both interfaces: those that only answer. */
const OLD = { ...Runtime, ...Images } as unknown as Service;
const NEW = { ...NewRuntime, ...NewImages } as unknown as Service;

let shim: ShimUnderTest;
let pods: TestPods;
let kubelet: CriClient;
let podSandboxId: string;
let containerId: string;
let logPath: string;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  kubelet = new CriClient(shim.socketPath, shim.socketPath);
  const pod = await pods.run({ labels: { app: 'old' }, annotations: { note: 'kept' } });
  podSandboxId = pod.id;
  containerId = await pods.started(pod, {
    labels: { tier: 'one' },
    mounts: [{ hostPath: shim.directory, containerPath: '/data', readonly: true }],
  });
  logPath = (await pods.status(containerId)).logPath;
});

afterAll(async () => {
  kubelet.close();
  await shim.stop();
});

/** What both are answered, in the messages that the old kubelet knows. */
async function answers(name: string, request: object): Promise<{ old: object; new: object }> {
  const [old, newer] = [OLD[name], NEW[name]];
  if (old === undefined || newer === undefined) throw new Error(`there is no call ${name}`);
  const toOld = await kubelet.call(old, request);
  const toNew = await shim.call(newer, request);
  return { old: toOld, new: old.responseDeserialize(newer.responseSerialize(toNew)) };
}

it.each<[string, () => object]>([
  ['status', () => ({ verbose: false })],
  ['podSandboxStatus', () => ({ podSandboxId, verbose: false })],
  ['listPodSandbox', () => ({ filter: { id: podSandboxId, labelSelector: { app: 'old' } } })],
  ['containerStatus', () => ({ containerId, verbose: false })],
  ['listContainers', () => ({ filter: { id: '', podSandboxId, labelSelector: { tier: 'one' } } })],
  ['execSync', () => ({ containerId, cmd: ['sh', '-c', 'echo out; echo err >&2; exit 3'], timeout: 10n })],
  ['listImages', () => ({})],
  ['imageStatus', () => ({ image: { image: pods.image, annotations: {} }, verbose: false })],
])('%s', async (name, request) => {
  const { old, new: newer } = await answers(name, request());

  expect(old).toEqual(newer);
  expect(sizeOf(old)).toBeGreaterThan(2);
});

it.each<[string, () => object]>([
  ['containerStats', () => ({ containerId })],
  ['listContainerStats', () => ({ filter: { id: containerId, podSandboxId: '', labelSelector: {} } })],
  ['podSandboxStats', () => ({ podSandboxId })],
  ['listPodSandboxStats', () => ({ filter: { id: podSandboxId, labelSelector: {} } })],
  ['imageFsInfo', () => ({})],
])('%s, whose numbers change', async (name, request) => {
  const { old, new: newer } = await answers(name, request());

  expect(shapeOf(old)).toEqual(shapeOf(newer));
  expect(sizeOf(old)).toBeGreaterThan(2);
});

it.each<[string, () => object]>([
  ['exec', () => ({ containerId, cmd: ['true'], tty: false, stdin: false, stdout: true, stderr: true })],
  ['attach', () => ({ containerId, tty: false, stdin: false, stdout: true, stderr: true })],
  ['portForward', () => ({ podSandboxId, port: [80] })],
])('%s, whose token is good once', async (name, request) => {
  const { old, new: newer } = (await answers(name, request())) as Record<'old' | 'new', { url: string }>;
  const place = ({ url }: { url: string }): string => url.slice(0, url.lastIndexOf('/'));

  expect(place(old)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
  expect(place(old)).toBe(place(newer));
  expect(old.url).not.toBe(newer.url);
});

it('ReopenContainerLog writes to a new file', async () => {
  renameSync(logPath, `${logPath}.1`);

  expect(await kubelet.call(Runtime.reopenContainerLog, { containerId })).toEqual({});
  expect(existsSync(logPath)).toBe(true);
});

it('RemoveImage, also of one that is gone', async () => {
  const image = { image: `${shim.runName}/nothing:1`, annotations: {} };

  expect(await kubelet.call(Images.removeImage, { image })).toEqual({});
});

it('PullImage fails with the words that a newer kubelet is told', async () => {
  const request = {
    image: { image: '127.0.0.1:9/nothing:1', annotations: {} },
    auth: undefined,
    sandboxConfig: undefined,
  };
  const failure = async (call: Promise<unknown>): Promise<unknown> =>
    await call.then(
      () => 'it was pulled',
      ({ code, details }: { code: number; details: string }) => [code, details],
    );
  const older = await failure(kubelet.call(Images.pullImage, request));

  expect(older).toEqual([expect.any(Number), expect.stringContaining('127.0.0.1:9/nothing')]);
  expect(older).toEqual(await failure(shim.call(NEW['pullImage'] as MethodDefinition<object, object>, request)));
});

/** The message with the kinds of numbers in the place of numbers. */
function shapeOf(value: unknown): unknown {
  if (typeof value === 'bigint' || typeof value === 'number') return typeof value;
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, shapeOf(field)]));
}

/** How many values there are in a message: an empty one would be the same for everybody. */
function sizeOf(value: unknown): number {
  if (value === undefined || value === '' || value === 0n) return 0;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 1;
  return Object.values(value).reduce<number>((sum, field) => sum + sizeOf(field), 0);
}
