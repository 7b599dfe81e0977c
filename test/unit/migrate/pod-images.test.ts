import type { ContainerSummary, ImageSummary } from '../../../src/docker/types';
import { podImages } from '../../../src/migrate/pod-images';

const container = (ImageID: string, Image = ImageID) => ({ ImageID, Image }) as ContainerSummary;
const image = (Id: string, RepoTags: string[] | null, RepoDigests: string[] | null = []): ImageSummary => ({
  Id,
  RepoTags,
  RepoDigests,
  Size: 1,
});

it('are known by their tags, for a kubelet makes containers of ids', () => {
  const images = [
    image('sha256:a', ['nginx:1.25', 'nginx:stable']),
    image('sha256:b', ['busybox:1']),
    image('sha256:c', ['unused:1']),
  ];
  const containers = [container('sha256:b', 'busybox:1'), container('sha256:a'), container('sha256:a')];
  expect(podImages(containers, images)).toEqual({ tags: ['busybox:1', 'nginx:1.25', 'nginx:stable'], untagged: [] });
});

it('are told apart when they have none: by digest, or by id', () => {
  const images = [
    image('sha256:a', ['nginx@sha256:12'], ['nginx@sha256:12']),
    image('sha256:b', ['<none>:<none>'], ['<none>@<none>']),
    image('sha256:c', [], null),
  ];
  const containers = images.map(({ Id }) => container(Id));
  expect(podImages(containers, images)).toEqual({ tags: [], untagged: ['nginx@sha256:12', 'sha256:b', 'sha256:c'] });
});

it('are passed over when the engine has them no more', () => {
  expect(podImages([container('sha256:gone')], [])).toEqual({ tags: [], untagged: [] });
});

it.each(['a:1;reboot', 'a:$(reboot)', '-o/etc/shadow', 'a b:1', "a':1"])(
  'have no name that a shell or docker save could take for more: %j',
  (name) => {
    const images = [image('sha256:a', [name, '[::1]:5000/a.b/c_d:1-2'])];
    expect(podImages([container('sha256:a')], images)).toEqual({ tags: ['[::1]:5000/a.b/c_d:1-2'], untagged: [] });
  },
);
