import { planRollback } from '../../../src/migrate/rollback';
import { planToContainerd } from '../../../src/migrate/to-containerd';
import { planToDockershim } from '../../../src/migrate/to-dockershim';
import { commands, CRI_DOCKERD, IN_TREE } from '../../support/nodes-to-migrate';

it.each([
  ['1.20.2', '/kubeadm', '--container-runtime=remote --container-runtime-endpoint=unix:///run/dockershim.sock'],
  ['1.26.0', undefined, '--container-runtime=remote --container-runtime-endpoint=unix:///run/dockershim.sock'],
  ['1.27.0', '/kubeadm', '--container-runtime-endpoint=unix:///run/dockershim.sock'],
  ['1.34.0', undefined, 'containerRuntimeEndpoint: unix:///run/dockershim.sock'],
])('tells kubelet %s (kubeadm: %s) its runtime as it understands it', (kubeletVersion, kubeadmFlags, told) => {
  expect(commands(planToDockershim({ ...CRI_DOCKERD, kubeletVersion, kubeadmFlags }))).toContain(told);
});

it('tells a kubelet of an unknown version what every one takes', () => {
  const unknown = { ...IN_TREE, kubeletVersion: undefined };
  for (const plan of [planToDockershim(unknown), planToContainerd(unknown), planRollback(unknown)]) {
    const step = plan.steps.find(({ does }) => does.startsWith("Set the runtime among the kubelet's flags"));
    expect(step?.commands).toEqual([expect.stringMatching(/^--container-runtime-endpoint=unix:\/\/\/\S+$/)]);
    expect(step?.note).toMatch(
      /^up to 1\.26 also --container-runtime=remote, .*; take away --network-plugin, --cni-bin-dir:/,
    );
  }
});

it('changes the endpoint where it is: in a drop-in, or among the flags', () => {
  const endpointFile = '/etc/kubernetes/kubelet.conf.d/20-dockershim.conf';
  expect(planRollback({ ...CRI_DOCKERD, endpointFile }).steps).toContainEqual({
    does: `Set the endpoint in ${endpointFile}`,
    commands: ['containerRuntimeEndpoint: unix:///run/cri-dockerd.sock'],
  });
  expect(commands(planRollback({ ...CRI_DOCKERD, endpointFlag: true }))).toContain(
    '--container-runtime-endpoint=unix:///run/cri-dockerd.sock',
  );
});

it("names the file that has the endpoint's flag, before kubeadm's", () => {
  const endpointFlagFile = '/etc/default/kubelet';
  const node = { ...IN_TREE, endpointFlag: true, endpointFlagFile };
  const steps = [planToDockershim(node), planRollback(node)].flatMap((plan) => plan.steps.map(({ does }) => does));
  const place = "Set the runtime among the kubelet's flags in";
  expect(steps).toContain(`${place} /etc/default/kubelet, in place of what is there of these`);
  expect(steps).toContain('Give the kubelet its flags back, in /etc/default/kubelet');
  const other = planToDockershim({ ...node, endpointFlagFile: undefined }).steps.map(({ does }) => does);
  expect(other).toContain(`${place} /var/lib/kubelet/kubeadm-flags.env, in place of what is there of these`);
});

it.each([
  ['1.27.3', '1.27.3'],
  [undefined, 'one of a version that is not known'],
])('goes by the kubelet that starts, %s, and not by the older one that runs', (kubeletVersion, next) => {
  const { given, steps } = planToDockershim({ ...CRI_DOCKERD, runningVersion: '1.26.15', kubeletVersion });
  expect(given[0]).toBe(`kubelet 1.26.15 runs, and ${next} is what starts next: the steps are for that`);
  expect(commands({ title: '', given, steps }).join()).not.toContain('--container-runtime=remote');
});
