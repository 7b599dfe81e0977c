import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { commandNamed } from '../../src/cli/commands';
import { parseArguments } from '../../src/config/arguments';
import { givenValues } from '../../src/config/load';
import { optionOf, settle } from '../../src/config/settings';

/** What deploy/ tells the kubelet, kubeadm, crictl and systemd agrees with the table of options. */
const DEPLOY = join(__dirname, '../../deploy');
const ENDPOINT = optionOf('container-runtime-endpoint').default;
const PAUSE = optionOf('pod-infra-container-image').default;

const read = (file: string) => readFileSync(join(DEPLOY, file), 'utf8');

test('crictl calls the default socket', () => {
  expect(parse(read('crictl/crictl.yaml'))).toMatchObject({ 'runtime-endpoint': ENDPOINT, 'image-endpoint': ENDPOINT });
});

test('so does the kubelet, by its configuration', () => {
  expect(parse(read('kubelet/20-dockershim.conf'))).toEqual({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: ENDPOINT,
  });
});

test('and by its flags before 1.27, which name the pause image too', () => {
  const [, flags] = /^KUBELET_EXTRA_ARGS="(.*)"$/m.exec(read('kubelet/default-before-1.27')) ?? [];
  expect(flags?.split(' ')).toEqual([
    '--container-runtime=remote',
    `--container-runtime-endpoint=${ENDPOINT}`,
    `--pod-infra-container-image=${PAUSE}`,
  ]);
});

test('so does kubeadm', () => {
  const [init, kubelet] = parseAllDocuments(read('kubeadm/dockershim.yaml')).map((one) => one.toJS() as object);
  expect(init).toMatchObject({ kind: 'InitConfiguration', nodeRegistration: { criSocket: ENDPOINT } });
  expect(kubelet).toMatchObject({ kind: 'KubeletConfiguration' });
});

test.each(readdirSync(join(DEPLOY, 'systemd')).filter((file) => file.endsWith('.service')))('%s starts it', (file) => {
  const [, command = ''] = /^ExecStart=(.*)$/m.exec(read(`systemd/${file}`)) ?? [];
  const words = command.split(' ');
  const flags = words.slice(words.indexOf('serve') + 1);
  const serve = commandNamed('serve');
  expect(words).toContain('serve');
  expect(() => settle(givenValues(parseArguments(flags, serve?.flags ?? [], 'serve')))).not.toThrow();
});
