import { ShimError } from '../../../src/lib/errors';
import { withPod, type EndingPod } from '../../../src/sandbox/with-pod';
import { aCall } from '../../support/a-call';
import { nodeWith, recordOf, SANDBOX_ID as ID } from '../../support/one-sandbox';
import { refusalOf } from '../../support/refusal';

it("looks again at a pod that it had to wait for: its process may be gone, and its number somebody else's", async () => {
  const needs = nodeWith(7, 7, 0);
  const seen: (string | undefined)[] = [];
  let release!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  const first = withPod(needs, aCall().ctx, ID, 'stop', async ({ pause }) => {
    seen.push(pause?.netns);
    await held;
  });
  const second = withPod(needs, aCall().ctx, ID, 'stop', ({ pause }) => Promise.resolve(void seen.push(pause?.netns)));
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual(['/proc/7/ns/net']);
  release();
  await Promise.all([first, second]);
  expect(seen).toEqual(['/proc/7/ns/net', '']);
});

it('asks Docker about a pause container that it has but listed', async () => {
  const needs = nodeWith(7);
  needs.index.settledSandbox = () => Promise.resolve({ ...recordOf(0), details: undefined });
  const seen: EndingPod[] = [];
  await withPod(needs, aCall().ctx, ID, 'stop', (pod) => Promise.resolve(void seen.push(pod)));
  expect(seen).toMatchObject([{ id: ID, pause: { name: 'web', namespace: 'shop', netns: '/proc/9/ns/net' } }]);
});

it('goes on without a pause container when the id is whole, and has nothing to do when it is not', async () => {
  const needs = nodeWith(undefined);
  const seen: EndingPod[] = [];
  const work = (pod: EndingPod) => Promise.resolve(void seen.push(pod));
  await withPod(needs, aCall().ctx, ID, 'stop', work);
  await withPod(needs, aCall().ctx, 'f0f0', 'stop', work);
  expect(seen).toEqual([{ id: ID, pause: undefined }]);
  expect(needs.pods.size).toBe(0);
});

it('says what was being done to which pod when it fails', async () => {
  const needs = nodeWith(7);
  const failing = withPod(needs, aCall().ctx, 'f0f0', 'stop pod sandbox', () =>
    Promise.reject(new ShimError('Unavailable', 'the network is away')),
  );
  expect(await refusalOf(failing)).toBe(`Unavailable: stop pod sandbox ${ID}: the network is away`);
});
