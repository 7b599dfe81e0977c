import type { Image } from '../../generated/runtime/v1/api';
import type { ContainerIndex } from '../index/container-index';
import type { NodeSandbox } from '../index/node-record';
import { LONGEST_TIMER_MS, throwIfEnded, withLimit, type CallContext } from '../lib/call-context';
import { refersTo, type ImageReference } from '../translate/image-reference';

/** How long Docker may take to tell of pods that are known already, in milliseconds. */
const PATIENCE_MS = 2_000;

interface PinNeeds {
  /** What the next pause container is made from. */
  readonly pauseImage: { readonly references: readonly ImageReference[] };
  readonly index: Pick<ContainerIndex, 'sandboxes' | 'sandboxesNow'>;
}

/**
 * The images that the kubelet must leave alone. It sees no pause container, so nothing else tells it that their images are
 * in use: also those of pods that a predecessor made, or the shim when it was configured otherwise. Docker refuses to remove
 * these, which stops the kubelet's garbage collection of images.
 */
export class PinnedImages {
  /** All pods have been known at some time. */
  private wasWhole = false;

  constructor(private readonly needs: PinNeeds) {}

  /**
   * Once all pods are known. Asks Docker nothing while the index is in step. Where Docker can't tell of them any more, or
   * is slow to, it is those known last.
   * @throws ShimError as the index does, before all were known for the first time
   */
  async whole(ctx: CallContext): Promise<readonly ImageReference[]> {
    const patienceMs = this.wasWhole ? PATIENCE_MS : LONGEST_TIMER_MS;
    try {
      const sandboxes = await withLimit(ctx, patienceMs, 'listing the pods', (patient) =>
        this.needs.index.sandboxes(patient),
      );
      this.wasWhole = true;
      return this.with(sandboxes);
    } catch (error) {
      throwIfEnded(ctx);
      if (this.wasWhole) return this.now();
      throw error;
    }
  }

  /** As far as pods are known. */
  now(): readonly ImageReference[] {
    return this.with(this.needs.index.sandboxesNow());
  }

  private with(sandboxes: readonly NodeSandbox[]): readonly ImageReference[] {
    const ids = new Set(sandboxes.map(({ imageId }) => imageId));
    // As the beginning of an id, it would lead to every image.
    ids.delete('');
    return [...this.needs.pauseImage.references, ...[...ids].map((id) => ({ kind: 'id', id }) as const)];
  }
}

/**
 * The image with its `pinned` set when one of the references leads to it. Tags move with every pull, so it is the image
 * that carries the name now that is pinned, by all its names.
 */
export function withPin(image: Image, pinned: readonly ImageReference[]): Image {
  return { ...image, pinned: pinned.some((reference) => refersTo(reference, image)) };
}
