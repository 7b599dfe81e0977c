import fc from 'fast-check';
import { refusal } from '../../support/refusal';
import {
  checkLabels,
  containerLabels,
  kindOfContainer,
  matchesSelector,
  readLabels,
  readCgroupLabel,
  sandboxLabels,
  cgroupLabel,
} from '../../../src/translate/labels';

const CRI = { labels: { tier: 'web', 'io.kubernetes.pod.name': 'web-0' }, annotations: { seen: '1' } };

it('of a sandbox', () => {
  expect(sandboxLabels(CRI)).toEqual({
    tier: 'web',
    'io.kubernetes.pod.name': 'web-0',
    'annotation.seen': '1',
    'io.kubernetes.docker.type': 'podsandbox',
    'io.kubernetes.container.name': 'POD',
    'io.kubernetes.dockershim.keys': '{"of":"","labels":["tier","io.kubernetes.pod.name"],"annotations":["seen"]}',
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
    'io.kubernetes.dockershim.keys':
      '{"of":"f00","labels":["tier","io.kubernetes.pod.name","io.kubernetes.container.name"],"annotations":["seen"]}',
  });
});

it('a client cannot pass a container off as another kind, of another pod, with another log', () => {
  const labels = {
    'io.kubernetes.docker.type': 'podsandbox',
    'io.kubernetes.sandbox.id': 'bad',
    'io.kubernetes.container.logpath': '/etc/passwd',
  };
  expect(containerLabels({ labels, annotations: {} }, 'f00', '')).toMatchObject({
    'io.kubernetes.docker.type': 'container',
    'io.kubernetes.sandbox.id': 'f00',
    'io.kubernetes.container.logpath': '',
  });
  expect(sandboxLabels({ labels, annotations: {} })).toMatchObject({ 'io.kubernetes.docker.type': 'podsandbox' });
});

it.each([
  'io.kubernetes.docker.type',
  'io.kubernetes.sandbox.id',
  'io.kubernetes.container.logpath',
  'io.kubernetes.dockershim.keys',
  'io.kubernetes.dockershim.cgroup',
])('%s as a label is refused, for none can be kept beside the shim’s own', (key) => {
  const words = `InvalidArgument: config.labels may not have ${key}, which is the shim's own`;
  expect(refusal(() => checkLabels({ app: 'web', [key]: 'x' }, 'container'))).toBe(words);
  expect(refusal(() => checkLabels({ [key]: 'x' }, 'podsandbox'))).toBe(words);
});

it('the name of a container is a label of containers alone', () => {
  const labels = { 'io.kubernetes.container.name': 'app' };
  expect(() => checkLabels(labels, 'container')).not.toThrow();
  expect(refusal(() => checkLabels(labels, 'podsandbox'))).toMatch(/io\.kubernetes\.container\.name/);
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
/** Labels that an image brings along; Docker gives a container those that it has not got itself. */
const imageLabels = fc.dictionary(
  fc.oneof(
    key,
    key.map((text) => `annotation.${text}`),
    fc.constantFrom('io.kubernetes.dockershim.keys', 'io.kubernetes.container.name', 'io.kubernetes.pod.uid'),
  ),
  fc.string(),
);

it('come back as they went in, without those of the image', () => {
  fc.assert(
    fc.property(
      fc.record({ labels, annotations }),
      imageLabels,
      fc.string(),
      fc.string(),
      (cri, image, of, logPath) => {
        expect(readLabels({ ...image, ...containerLabels(cri, of, logPath) })).toEqual(cri);
        expect(readLabels({ ...image, ...sandboxLabels(cri) })).toEqual(cri);
      },
    ),
  );
});

describe('of a container that a predecessor has made', () => {
  const theirs = {
    'io.kubernetes.docker.type': 'container',
    'io.kubernetes.sandbox.id': 'f00',
    'io.kubernetes.pod.name': 'web-0',
    'annotation.seen': '1',
  };
  const read = { labels: { 'io.kubernetes.pod.name': 'web-0' }, annotations: { seen: '1' } };

  it('all are read, as there', () => {
    expect(readLabels(theirs)).toEqual(read);
  });

  it.each(['{"of":"","labels":[],"annotations":[]}', '{"of":"bad","labels":[]}', 'null', '1', '', '{'])(
    'the image cannot hide any: %s',
    (forged) => {
      expect(readLabels({ ...theirs, 'io.kubernetes.dockershim.keys': forged })).toEqual(read);
    },
  );

  it('the image cannot have its cgroup written', () => {
    const ofImage = { 'io.kubernetes.dockershim.keys': '{"of":""}', ...cgroupLabel({ 'memory.max': 'max' }) };
    expect(readCgroupLabel({ ...theirs, ...ofImage })).toEqual({});
    expect(readCgroupLabel({ ...theirs, ...cgroupLabel({ 'memory.max': 'max' }) })).toEqual({});
  });
});

describe('the files of the cgroup', () => {
  it.each([{}, { 'memory.high': '1' }, { 'memory.oom.group': '1', 'io.max': '8:0 rbps=1' }])(
    '%j come back, and are no label of CRI',
    (unified) => {
      const docker = { ...containerLabels(CRI, 'f00', ''), ...cgroupLabel(unified) };
      expect(readCgroupLabel(docker)).toEqual(unified);
      expect(readLabels(docker)).toEqual(CRI);
    },
  );

  it("are those of the container, never the image's, whose labels Docker hands on", () => {
    const ofImage = cgroupLabel({ 'memory.max': 'max' });
    const own = { ...containerLabels(CRI, 'f00', ''), ...cgroupLabel({}) };
    expect(readCgroupLabel({ ...ofImage, ...own })).toEqual({});
  });

  it.each([null, undefined, {}])('there are none without the label: %j', (docker) => {
    expect(readCgroupLabel(docker)).toEqual({});
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
