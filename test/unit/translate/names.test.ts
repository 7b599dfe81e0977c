import fc from 'fast-check';
import {
  containerMetadata,
  containerName,
  parseName,
  sandboxMetadata,
  sandboxName,
} from '../../../src/translate/names';

const POD = { name: 'web-0', namespace: 'shop', uid: '0f5d6a1e', attempt: 2 };

it('are those of the predecessors', () => {
  expect(sandboxName(POD)).toBe('k8s_POD_web-0_shop_0f5d6a1e_2');
  expect(containerName(POD, { name: 'app', attempt: 7 })).toBe('k8s_app_web-0_shop_0f5d6a1e_7');
});

it.each([
  ['as inspect writes it', '/k8s_app_web-0_shop_0f5d6a1e_7'],
  ['as it was asked for', 'k8s_app_web-0_shop_0f5d6a1e_7'],
  ['with the suffix of a name that was taken', '/k8s_app_web-0_shop_0f5d6a1e_7_1a2b3c4d'],
])('a name %s has its metadata', (_what, name) => {
  expect(containerMetadata(name)).toEqual({ name: 'app', attempt: 7 });
  expect(sandboxMetadata(name)).toEqual({ ...POD, attempt: 7 });
});

it.each([
  [''],
  ['/web'],
  ['k8s_app_web-0_shop_0f5d6a1e'],
  ['k8s_app_web-0_shop_0f5d6a1e_7_8_9'],
  ['K8S_app_web-0_shop_0f5d6a1e_7'],
  ['xk8s_app_web-0_shop_0f5d6a1e_7'],
  ['k8s_app_web-0_shop_0f5d6a1e_'],
  ['k8s_app_web-0_shop_0f5d6a1e_x'],
  ['k8s_app_web-0_shop_0f5d6a1e_-1'],
  ['k8s_app_web-0_shop_0f5d6a1e_1.5'],
  ['k8s_app_web-0_shop_0f5d6a1e_4294967296'],
  ['k8s_app_web-0_shop_0f5d6a1e_00000000001'],
])('%j is not one of ours', (name) => {
  expect(parseName(name)).toBeUndefined();
  expect(sandboxMetadata(name)).toBeUndefined();
  expect(containerMetadata(name)).toBeUndefined();
});

const part = fc.stringMatching(/^[a-zA-Z0-9.-]{0,40}$/);
const attempt = fc.nat({ max: 0xffff_ffff });
const pod = fc.record({ name: part, namespace: part, uid: part, attempt });

it('give back every pod and container that they were made of', () => {
  fc.assert(
    fc.property(pod, fc.record({ name: part, attempt }), fc.constantFrom('', '/'), (metadata, container, slash) => {
      expect(sandboxMetadata(slash + sandboxName(metadata))).toEqual(metadata);
      expect(containerMetadata(slash + containerName(metadata, container))).toEqual(container);
    }),
  );
});

it('tell sandboxes and containers apart, and every two pods', () => {
  fc.assert(
    fc.property(pod, pod, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other);
      expect(sandboxName(one) === sandboxName(other)).toBe(same);
    }),
  );
});

it('are read from any text without a wrong guess', () => {
  const texts = fc.array(fc.constantFrom('k8s', 'POD', '_', '_', '_', '/', 'a', '0', '7', '-', ' '), { maxLength: 20 });
  fc.assert(
    fc.property(texts, (pieces) => {
      const name = pieces.join('');
      const read = parseName(name);
      if (read === undefined) return;
      const { container, namespace, uid } = read;
      const start = ['k8s', container, read.pod, namespace, uid, ''].join('_');
      expect(name.replace(/^\//, '').startsWith(start)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
