import type { ImageInspect, ImageSummary } from '../../../src/docker/types';
import { namesOf, toImage, verboseInfo, withUser } from '../../../src/translate/image';

const SUMMARY: ImageSummary = {
  Id: 'sha256:1234',
  RepoTags: ['busybox:1', 'r.io/busybox:1'],
  RepoDigests: ['busybox@sha256:abcd'],
  Size: 4096,
};

it('takes over what Docker lists', () => {
  expect(toImage(SUMMARY)).toEqual({
    id: 'sha256:1234',
    repoTags: ['busybox:1', 'r.io/busybox:1'],
    repoDigests: ['busybox@sha256:abcd'],
    size: 4096n,
    uid: undefined,
    username: '',
    spec: { image: 'sha256:1234', annotations: {}, userSpecifiedImage: '', runtimeHandler: '', imageRef: '' },
    pinned: false,
  });
});

it.each([
  [null, null],
  [[], []],
  [['<none>:<none>'], ['<none>@<none>']],
])('gives no name to an image without one: %j %j', (RepoTags, RepoDigests) => {
  const image = { ...SUMMARY, RepoTags, RepoDigests };
  expect(toImage(image)).toMatchObject({ repoTags: [], repoDigests: [] });
  expect(namesOf(image)).toEqual([]);
});

it('does not take a digest for a tag, as an engine with images in containerd does', () => {
  const RepoTags = ['busybox@sha256:abcd', 'busybox:1'];
  expect(toImage({ ...SUMMARY, RepoTags }).repoTags).toEqual(['busybox:1']);
});

it('names an image by its tags and its digests', () => {
  expect(namesOf(SUMMARY)).toEqual(['busybox:1', 'r.io/busybox:1', 'busybox@sha256:abcd']);
});

it.each([
  [0, 1n],
  [-1, 1n],
  [Number.NaN, 1n],
  [undefined as unknown as number, 1n],
  [1, 1n],
  [2 ** 40, 1_099_511_627_776n],
])('a size of %p is %p: the kubelet takes none below 1', (Size, size) => {
  expect(toImage({ ...SUMMARY, Size }).size).toBe(size);
});

it.each<[string, bigint | undefined, string]>([
  ['', undefined, ''],
  ['0', 0n, ''],
  ['1000', 1000n, ''],
  ['1000:100', 1000n, ''],
  ['1000:users', 1000n, ''],
  ['www-data', undefined, 'www-data'],
  ['www-data:www-data', undefined, 'www-data'],
  [':100', undefined, ''],
  ['2147483647', 2147483647n, ''],
  ['2147483648', undefined, '2147483648'],
  ['4294967296', undefined, '4294967296'],
  ['-1', undefined, '-1'],
  ['1e3', undefined, '1e3'],
])('the user %j is uid %p or name %j', (user, uid, username) => {
  const expected = { uid: uid === undefined ? undefined : { value: uid }, username };
  expect(withUser(toImage(SUMMARY), user)).toMatchObject(expected);
});

describe('verboseInfo', () => {
  const INSPECT: ImageInspect = {
    ...SUMMARY,
    Created: '2026-01-02T03:04:05Z',
    Architecture: 'amd64',
    Os: 'linux',
    RootFS: { Type: 'layers', Layers: ['sha256:1'] },
    Config: { User: '1', Env: ['A=b'], Labels: { role: 'test' } },
  };

  it('is JSON in the OCI names, the oldest step first', () => {
    const newest = { Id: '<missing>', Created: 2, CreatedBy: 'CMD', Size: 0, Comment: '' };
    const oldest = { Id: '<missing>', Created: 1, CreatedBy: 'ADD', Size: 9, Comment: 'base' };
    expect(JSON.parse(verboseInfo(INSPECT, [newest, oldest])['info'] ?? '')).toEqual({
      labels: { role: 'test' },
      imageSpec: {
        created: '2026-01-02T03:04:05Z',
        architecture: 'amd64',
        os: 'linux',
        config: { User: '1', Env: ['A=b'], Labels: { role: 'test' } },
        rootfs: { type: 'layers', diff_ids: ['sha256:1'] },
        history: [
          { created: '1970-01-01T00:00:01.000Z', created_by: 'ADD', comment: 'base', empty_layer: false },
          { created: '1970-01-01T00:00:02.000Z', created_by: 'CMD', comment: '', empty_layer: true },
        ],
      },
    });
  });

  it('does without a configuration', () => {
    expect(JSON.parse(verboseInfo({ ...SUMMARY, Config: null }, [])['info'] ?? '')).toMatchObject({
      labels: {},
      imageSpec: { config: {}, history: [] },
    });
  });
});
