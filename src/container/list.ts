import type { ListContainersRequest, ListContainersResponse } from '../../generated/runtime/v1/api';
import type { ContainerIndex } from '../index/container-index';
import type { ImageIndex } from '../index/image-index';
import type { NodeContainer } from '../index/node-record';
import type { CallContext } from '../lib/call-context';
import { Derived } from '../lib/derived';
import { listedContainer, type ImageNames } from '../translate/container-status';
import { matchesContainerFilter } from './matches-filter';

export interface ListNeeds {
  readonly index: Pick<ContainerIndex, 'containers'>;
  readonly images: Pick<ImageIndex, 'namesById'>;
}

/** Of an image that is gone, or not known yet. */
const NO_NAMES: ImageNames = { repoTags: [], repoDigests: [] };

/** ListContainers, newest first. A filter's ids may be the beginnings of ids. */
export function listContainers(needs: ListNeeds) {
  // The same object for the same record and image: it is encoded once (cri/list-encoder.ts).
  const listed = new Derived(
    ({ status, sandboxId }: NodeContainer) =>
      new Derived((image: ImageNames) => listedContainer(status, sandboxId, image)),
  );
  return async (request: ListContainersRequest, ctx: CallContext): Promise<ListContainersResponse> => {
    const [all, images] = await Promise.all([needs.index.containers(ctx), needs.images.namesById(ctx)]);
    const matching = all.filter(
      (one) => one.status.metadata !== undefined && matchesContainerFilter(one, request.filter),
    );
    return { containers: matching.map((one) => listed.of(one).of(images.get(one.status.imageId) ?? NO_NAMES)) };
  };
}
