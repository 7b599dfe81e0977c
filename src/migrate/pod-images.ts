import type { ContainerSummary, ImageSummary } from '../docker/types';
import { toImage } from '../translate/image';
import { parseReference } from '../translate/image-reference';

/** The images that containers of pods use. */
export interface PodImages {
  /** The names by which Docker saves them and another runtime knows them then. */
  readonly tags: readonly string[];
  /** Those that have none, by digest (`nginx@sha256:…`) or by id: Docker saves them without a name. */
  readonly untagged: readonly string[];
}

/**
 * By the images' ids: a kubelet makes its containers of those, so Docker's list of containers has no name to go by. An image
 * that the engine has no more is left out, and so is a name that is no reference: the names go into commands.
 */
export function podImages(containers: readonly ContainerSummary[], images: readonly ImageSummary[]): PodImages {
  const ids = new Set(containers.map(({ ImageID: id }) => id));
  const used = images
    .filter(({ Id: id }) => ids.has(id))
    .map(toImage)
    .map((image) => ({ ...image, repoTags: image.repoTags.filter(isReference) }));
  const untagged = used.filter(({ repoTags }) => repoTags.length === 0);
  return {
    tags: used.flatMap(({ repoTags }) => repoTags).sort(),
    untagged: untagged.map(({ id, repoDigests }) => repoDigests[0] ?? id).sort(),
  };
}

function isReference(name: string): boolean {
  try {
    return parseReference(name).kind === 'name';
  } catch {
    return false;
  }
}
