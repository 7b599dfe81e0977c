import type { Image } from '../../generated/runtime/v1/api';
import type { ImageHistoryEntry, ImageInspect, ImageSummary } from '../docker/types';
import { LARGEST_USER_ID } from './checks';

/**
 * Docker's image as CRI's, without its user and unpinned. Names are Docker's: `busybox:latest`, as people write them in
 * pods, where `docker.io/library/busybox:latest` is meant.
 */
export function toImage(image: ImageSummary | ImageInspect): Image {
  return {
    id: image.Id,
    repoTags: tagsOf(image),
    repoDigests: withoutNone(image.RepoDigests),
    size: toSize(image.Size),
    uid: undefined,
    username: '',
    // The kubelet asks for a spec to be there. It is the same whichever name the image was found by.
    spec: { image: image.Id, annotations: {}, userSpecifiedImage: '', runtimeHandler: '', imageRef: '' },
    pinned: false,
  };
}

/**
 * The image with the user of its configuration's `User`, whose group is ignored. Without a user, which means root,
 * neither field is set.
 */
export function withUser(image: Image, configUser: string): Image {
  const [user = ''] = configUser.split(':');
  // What is no valid user id is a name: the kubelet then can't take it for a user that is not root.
  if (!/^\d+$/.test(user) || BigInt(user) > LARGEST_USER_ID) return { ...image, uid: undefined, username: user };
  return { ...image, uid: { value: BigInt(user) }, username: '' };
}

/** Every tag and digest that leads to the image. */
export function namesOf(image: ImageSummary | ImageInspect): string[] {
  return [...tagsOf(image), ...withoutNone(image.RepoDigests)];
}

/** What `crictl inspecti` prints beside the image: the configuration in the field names of the OCI image specification. */
export function verboseInfo(image: ImageInspect, history: readonly ImageHistoryEntry[]): Record<string, string> {
  const imageSpec = {
    created: image.Created,
    architecture: image.Architecture,
    os: image.Os,
    config: image.Config ?? {},
    rootfs: image.RootFS && { type: image.RootFS.Type, diff_ids: image.RootFS.Layers ?? [] },
    // Docker's is the newest first, the specification's the oldest.
    history: history.map(toHistory).reverse(),
  };
  return { info: JSON.stringify({ labels: image.Config?.Labels ?? {}, imageSpec }) };
}

function toHistory(entry: ImageHistoryEntry): object {
  return {
    created: new Date(entry.Created * 1000).toISOString(),
    created_by: entry.CreatedBy,
    comment: entry.Comment,
    empty_layer: entry.Size === 0,
  };
}

/** An engine that keeps images in containerd counts a name that was pulled by digest among the tags. */
function tagsOf(image: ImageSummary | ImageInspect): string[] {
  return withoutNone(image.RepoTags).filter((name) => !name.includes('@'));
}

/** Docker writes `<none>:<none>` and `<none>@<none>` for no name at all. */
function withoutNone(names: readonly string[] | null): string[] {
  return (names ?? []).filter((name) => !name.includes('<none>'));
}

/**
 * Bytes. An image without files has none, and an engine may leave the size out, but the kubelet rejects a list with a
 * size of 0 in it altogether: 1 is the least that it takes.
 */
function toSize(bytes: number): bigint {
  return bytes >= 1 ? BigInt(Math.trunc(bytes)) : 1n;
}
