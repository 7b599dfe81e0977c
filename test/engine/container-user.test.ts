import { SupplementalGroupsPolicy } from '../../generated/runtime/v1/api';
import { docker, importBusybox } from '../support/engine-under-test';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type TestPod } from '../support/test-pods';

jest.setTimeout(60_000);

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;
/** An image whose user 1234 has the group 1235, and is a member of two others. */
let image: string;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  pod = await pods.run();
  const plain = `${shim.runName}/plain:1`;
  image = `${shim.runName}/grouped:1`;
  await importBusybox(plain);
  const member = 'echo "extra:x:50000:user" >>/etc/group';
  const { id } = await pods.ended(pod, { image: { image: plain }, command: ['sh', '-c', member] });
  await docker('commit', id, image);
});

afterAll(() => shim.stop());

const user = { runAsUser: { value: 1234n }, supplementalGroups: [79n] };
const group = { runAsGroup: { value: 3000n } };
const strict = { supplementalGroupsPolicy: SupplementalGroupsPolicy.Strict };

/** In order. */
const sorted = (ids: readonly bigint[]) => [...ids].sort((a, b) => Number(a - b));

it.each([
  ["the image's too", user, [79n, 1235n, 1236n, 50000n]],
  ["the image's too, beside a group that is said", { ...user, ...group }, [79n, 1236n, 3000n, 50000n]],
  ['strictly those said', { ...user, ...strict }, [79n, 1235n]],
  ['strictly those said, and the group', { ...user, ...group, ...strict }, [79n, 3000n]],
  ['none, strictly, for a name', { runAsUsername: 'user', ...strict }, [1235n]],
  ["the image's, for a name", { runAsUsername: 'user' }, [1235n, 1236n, 50000n]],
])('a user has the groups that were asked for, and the status tells: %s', async (_which, securityContext, groups) => {
  const command = ['sh', '-c', 'id -u; id -G'];
  const { id } = await pods.ended(pod, { image: { image }, command, linux: { securityContext } });
  const said = await docker('logs', id);
  const { user: told } = await pods.status(id);

  expect(sorted(said.trim().split(/\s+/).map(BigInt))).toEqual(sorted([1234n, ...groups]));
  expect(told?.linux?.uid).toBe(1234n);
  expect(sorted(told?.linux?.supplementalGroups ?? [])).toEqual(groups);
});

it('nothing is left of what was made to look into the image', async () => {
  expect(await docker('ps', '--all', '--quiet', '--filter', 'name=dockershim-accounts-')).toBe('');
});
