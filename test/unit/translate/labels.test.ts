import fc from 'fast-check';
import {
  containerLabels,
  kindOfContainer,
  matchesSelector,
  readLabels,
  readUnified,
  sandboxLabels,
  unifiedLabel,
} from '../../../src/translate/labels';

const CRI = { labels: { tier: 'web', 'io.kubernetes.pod.name': 'web-0' }, annotations: { seen: '1' } };

it('of a sandbox', () => {
  expect(sandboxLabels(CRI)).toEqual({
    tier: 'web',
    'io.kubernetes.pod.name': 'web-0',
    'annotation.seen': '1',
    'io.kubernetes.docker.type': 'podsandbox',
    'io.kubernetes.container.name': 'POD',
  });
});

it('of a container', () => {
  const labels = { ...CRI.labels, 'io.kubernetes.container.name': 'app' };
  expect(containerLabels({ ...CRI, labels }, 'f00', '/var/log/0.log')).toEqual({
    tier: 'web',
    'io.kubernetes.pod.name': 'web-0',
    'io.kubernetes.container.name': 'app',
    'annotation.seen': '1',
    'io.kubernetes.docker.type': 'container',
    'io.kubernetes.sandbox.id': 'f00',
    'io.kubernetes.container.logpath': '/var/log/0.log',
  });
});

it('a client can not pass a container off as another kind, of another pod, with another log', () => {
  const labels = {
    'io.kubernetes.docker.type': 'podsandbox',
    'io.kubernetes.sandbox.id': 'bad',
    'io.kubernetes.container.logpath': '/etc/passwd',
  };
  expect(containerLabels({ labels, annotations: {} }, 'f00', '')).toEqual({
    'io.kubernetes.docker.type': 'container',
    'io.kubernetes.sandbox.id': 'f00',
    'io.kubernetes.container.logpath': '',
  });
  expect(sandboxLabels({ labels, annotations: {} })).toMatchObject({ 'io.kubernetes.docker.type': 'podsandbox' });
});

it.each([
  [{ 'io.kubernetes.docker.type': 'podsandbox' }, 'podsandbox'],
  [{ 'io.kubernetes.docker.type': 'container' }, 'container'],
  [{ 'io.kubernetes.docker.type': 'pod' }, undefined],
  [{}, undefined],
  [null, undefined],
  [undefined, undefined],
])('a container with the labels %j is a %s', (labels, kind) => {
  expect(kindOfContainer(labels)).toBe(kind);
});

it('the name POD is hidden for a sandbox alone', () => {
  const name = { 'io.kubernetes.container.name': 'POD' };
  expect(readLabels({ ...name, 'io.kubernetes.docker.type': 'podsandbox' }).labels).toEqual({});
  expect(readLabels({ ...name, 'io.kubernetes.docker.type': 'container' }).labels).toEqual(name);
});

it.each([null, undefined, {}])('there may be none: %j', (docker) => {
  expect(readLabels(docker)).toEqual({ labels: {}, annotations: {} });
});

const key = fc.stringMatching(/^[a-z0-9]([a-z0-9/._-]{0,20}[a-z0-9])?$/);
const labels = fc.dictionary(
  key.filter((text) => !/^(annotation\.|io\.kubernetes\.)/.test(text)),
  fc.string(),
);
const annotations = fc.dictionary(key, fc.string());

it('come back as they went in', () => {
  fc.assert(
    fc.property(fc.record({ labels, annotations }), fc.string(), fc.string(), (cri, sandbox, logPath) => {
      expect(readLabels(containerLabels(cri, sandbox, logPath))).toEqual(cri);
      expect(readLabels(sandboxLabels(cri))).toEqual(cri);
    }),
  );
});

describe('the files of the cgroup', () => {
  it.each([{}, { 'memory.high': '1' }, { 'memory.oom.group': '1', 'io.max': '8:0 rbps=1' }])(
    '%j come back, and are no label of CRI',
    (unified) => {
      const docker = { ...containerLabels(CRI, 'f00', ''), ...unifiedLabel(unified) };
      expect(readUnified(docker)).toEqual(unified);
      expect(readLabels(docker)).toEqual(CRI);
    },
  );

  it("are those of the container, never the image's, whose labels Docker hands on", () => {
    const ofImage = unifiedLabel({ 'memory.max': 'max' });
    expect(readUnified({ ...ofImage, ...unifiedLabel({}) })).toEqual({});
  });

  it.each([null, undefined, {}])('there are none without the label: %j', (docker) => {
    expect(readUnified(docker)).toEqual({});
  });
});

it.each([
  [{}, {}, true],
  [{ a: '1' }, {}, true],
  [{ a: '1', b: '2' }, { a: '1' }, true],
  [{ a: '1', b: '2' }, { a: '1', b: '2' }, true],
  [{ a: '1' }, { a: '2' }, false],
  [{ a: '1' }, { a: '1', b: '2' }, false],
  [{}, { a: '' }, false],
  [{}, { toString: '' }, false],
])('%j is selected by %j: %p', (labelled, selector, selected) => {
  expect(matchesSelector(labelled, selector as Record<string, string>)).toBe(selected);
});
