import { podFindings } from '../../../src/doctor/check-pods';
import type { ContainerSummary } from '../../../src/docker/types';
import { sandboxLabels } from '../../../src/translate/labels';

const PREDECESSOR = { 'io.kubernetes.docker.type': 'podsandbox' };
const OWN = sandboxLabels({ labels: {}, annotations: {} });

function sandbox(name: string, labels: Record<string, string>, state: ContainerSummary['State'] = 'running') {
  const summary: ContainerSummary = {
    Id: 'abcdef0123456789',
    Names: [`/${name}`],
    Image: 'pause',
    ImageID: 'sha256:0',
    Created: 0,
    State: state,
    Labels: labels,
  };
  return summary;
}

it('counts what runs, and what a predecessor made', () => {
  const sandboxes = [
    sandbox('k8s_POD_a_default_1_0', PREDECESSOR),
    sandbox('k8s_POD_b_default_2_0', OWN),
    sandbox('k8s_POD_c_default_3_0', OWN, 'exited'),
    sandbox('k8s_POD_d_default_4_0', OWN, 'paused'),
  ];
  expect(podFindings(sandboxes)).toEqual([
    {
      subject: 'pods',
      level: 'ok',
      says: '4 pod sandboxes, 3 of them running; 1 made by a predecessor, which are adopted as they run',
    },
  ]);
});

it('warns of what only says that it is one', () => {
  const [, odd] = podFindings([sandbox('my-container', PREDECESSOR)]);
  expect(odd).toEqual({
    subject: 'pods',
    level: 'warning',
    says: 'the container /my-container says that it is a pod sandbox, but has no such name',
    advice: 'remove it if nobody misses it: docker rm -f abcdef012345',
  });
});
