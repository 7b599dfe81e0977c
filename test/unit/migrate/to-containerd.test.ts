import { planToContainerd } from '../../../src/migrate/to-containerd';
import { commands, CRI_DOCKERD } from '../../support/nodes-to-migrate';

it('onwards rests on no pod being adopted', () => {
  expect(planToContainerd(CRI_DOCKERD)).toMatchObject({
    title: 'From Docker to containerd on node-1: the pods move away and come back',
    given: ['kubelet 1.31.0', '12 pods on the engine: containerd adopts none of them, so they are made anew'],
  });
});

it('leads onwards to containerd: drained, the sandboxes removed while the shim can, the images carried over last', () => {
  const all = commands(planToContainerd(CRI_DOCKERD));
  const order = ['kubectl drain', ' rmp -f', 'disable --now dockershim', 'restart containerd', 'docker save'];
  const places = order.map((word) => all.findIndex((command) => command.includes(word)));
  expect(places).toEqual([...places].sort((one, other) => one - other));
  expect(places).not.toContain(-1);
  expect(all).toContain('docker save nginx:1.25 | ctr --namespace k8s.io images import -');
  expect(all.at(-1)).toBe('kubectl uncordon node-1');
});

it('onwards, says of images without a tag that they need one', () => {
  const carried = (tags: string[], untagged: string[]) =>
    planToContainerd({ ...CRI_DOCKERD, images: { tags, untagged } }).steps.find(({ does }) => does.startsWith('Carry'));
  const usual = 'needed only for those that no registry has, and for nodes that reach none';
  expect(carried(['a:1'], [])?.note).toBe(usual);
  expect(carried([], ['b@sha256:12', 'sha256:34'])).toEqual({
    does: 'Carry over the images that the pods use',
    commands: [],
    note: `${usual}; without a tag, the only name that docker save hands on: b@sha256:12, sha256:34; docker tag what of it is needed, and save it by that`,
  });
  expect(carried([], [])).toBeUndefined();
  const many = Array.from({ length: 21 }, (_, index) => `a:${index}`);
  expect(carried(many, [])?.commands).toHaveLength(2);
});

it('onwards, asks the shim itself to remove what is left, and then whether anything is', () => {
  const all = commands(planToContainerd({ ...CRI_DOCKERD, endpoint: 'unix:///run/own.sock' }));
  const crictl = 'crictl --runtime-endpoint=unix:///run/own.sock';
  const at = all.indexOf(`${crictl} pods -q | xargs -r ${crictl} rmp -f`);
  expect(all.slice(at, at + 3)).toEqual([
    all[at],
    `${crictl} pods -q`,
    'systemctl disable --now dockershim.socket dockershim.service',
  ]);
});

it('onwards, starts anew the containerd that Docker has started, when its configuration is there', () => {
  const all = commands(planToContainerd(CRI_DOCKERD));
  const at = all.indexOf('containerd config default > /etc/containerd/config.toml');
  expect(all.slice(at + 1, at + 3)).toEqual(['systemctl enable containerd', 'systemctl restart containerd']);
});

it('onwards, saves the images of the engine that was asked, which need not be the one that docker asks', () => {
  const plan = planToContainerd({ ...CRI_DOCKERD, engineEndpoint: 'unix:///run/other.sock' });
  expect(commands(plan)).toContain(
    'docker --host=unix:///run/other.sock save nginx:1.25 | ctr --namespace k8s.io images import -',
  );
  expect(plan.given).toContain('the engine is asked on unix:///run/other.sock');
  const odd = commands(planToContainerd({ ...CRI_DOCKERD, engineEndpoint: "unix:///a b/it's" }));
  expect(odd.join('\n')).toContain(`docker --host='unix:///a b/it'\\''s' save nginx:1.25 |`);
});
