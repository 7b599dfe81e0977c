import { runtimeOf, type Runtime } from '../../../src/migrate/node';

it.each<[string | undefined, string | undefined, string | undefined, Runtime | undefined, Runtime | undefined]>([
  // version, endpoint, --container-runtime, who serves there, the runtime
  ['1.20.2', undefined, undefined, undefined, 'in-tree'],
  ['1.23.0', undefined, 'docker', undefined, 'in-tree'],
  ['1.23.0', 'unix:///run/cri-dockerd.sock', 'remote', undefined, 'cri-dockerd'],
  ['1.31.0', 'unix:///run/x.sock', undefined, 'cri-dockerd', 'cri-dockerd'],
  ['1.31.0', 'unix:///run/containerd/containerd.sock', undefined, undefined, 'containerd'],
  ['1.31.0', 'unix:///run/dockershim.sock', undefined, 'dockershim', 'dockershim'],
  ['1.31.0', undefined, undefined, undefined, undefined],
  [undefined, undefined, undefined, undefined, undefined],
])('kubelet %s, told %s, with %s and %s serving, uses %s', (version, endpoint, runtime, serving, expected) => {
  expect(runtimeOf({ version, endpoint, runtime }, serving)).toBe(expected);
});
