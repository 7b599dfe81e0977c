import { checkCgroupParent, dockerCgroupParent } from '../../../src/translate/cgroup-parent';
import { refusal } from '../../support/refusal';

const SLICE = '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice';

it.each([
  ['', 'cgroupfs', undefined],
  ['', 'systemd', undefined],
  ['/kubepods/burstable/pod1', 'cgroupfs', '/kubepods/burstable/pod1'],
  [SLICE, 'systemd', 'kubepods-burstable-pod1.slice'],
  ['kubepods.slice', 'systemd', 'kubepods.slice'],
])('%j under %s is %j for Docker', (parent, driver, docker) => {
  expect(dockerCgroupParent(parent, driver)).toBe(docker);
});

it.each(['', '/', '/kubepods/pod1', SLICE, '/a..b'])('takes %j', (parent) => {
  expect(() => checkCgroupParent(parent)).not.toThrow();
});

it.each([
  ['..', /^InvalidArgument: linux\.cgroup_parent must not have/],
  ['/kubepods/../../system.slice', /^InvalidArgument: linux\.cgroup_parent must not have/],
  ['/kubepods/..', /^InvalidArgument: linux\.cgroup_parent must not have/],
  ['/kubepods\n', /^InvalidArgument: linux\.cgroup_parent has a control character/],
])('refuses %j', (parent, sentence) => {
  expect(refusal(() => checkCgroupParent(parent))).toMatch(sentence);
});

it.each(['/kubepods/pod1', '/', '.slice', '-.slice', 'a--b.slice', 'a-.slice', '-a.slice'])(
  'under systemd %j is no slice',
  (parent) => {
    expect(refusal(() => dockerCgroupParent(parent, 'systemd'))).toMatch(
      /^InvalidArgument: linux\.cgroup_parent names no slice of systemd/,
    );
  },
);
