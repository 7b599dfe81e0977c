import type { Engine } from '../../docker/engine';
import { withLimit, type CallContext } from '../../lib/call-context';
import { ifFound, messageOf, ShimError } from '../../lib/errors';
import { parseReference, type ImageReference } from '../../translate/image-reference';
import { BUILT_IN_PAUSE_IMAGE, pauseImageArchive } from './image-archive';

/** A pull that takes longer keeps no pod waiting: the built-in image serves until a later pod finds the other. */
const PULL_TIMEOUT_MS = 20_000;
/** How long the registry is left alone after a pull failed. */
const PULL_AGAIN_MS = 10 * 60_000;

interface Needs {
  readonly engine: Pick<Engine, 'inspectImage' | 'loadImage' | 'version'>;
  readonly pull: (ctx: CallContext, reference: string) => Promise<unknown>;
  /** The image of the configuration, a reference such as `registry.k8s.io/pause:3.10`. */
  readonly configured: string;
}

/**
 * The image of the pause containers: the configured one when it is on the node or can be pulled, else one that the shim
 * carries with it. A sandbox never fails for want of a registry.
 */
export class PauseImage {
  /** What image garbage collection must leave alone. */
  readonly references: readonly ImageReference[];
  private pullAfter = 0;

  constructor(private readonly needs: Needs) {
    this.references = [needs.configured, BUILT_IN_PAUSE_IMAGE].map(parseReference);
  }

  /** The reference to create the next pause container from. It is on the node. */
  async ensure(ctx: CallContext): Promise<string> {
    const { configured } = this.needs;
    if (await this.present(ctx, configured)) return configured;
    if (configured !== BUILT_IN_PAUSE_IMAGE && (await this.pulled(ctx))) return configured;
    if (!(await this.present(ctx, BUILT_IN_PAUSE_IMAGE))) await this.load(ctx);
    return BUILT_IN_PAUSE_IMAGE;
  }

  private async present(ctx: CallContext, reference: string): Promise<boolean> {
    return (await ifFound(this.needs.engine.inspectImage(ctx, reference))) !== undefined;
  }

  private async pulled(ctx: CallContext): Promise<boolean> {
    if (performance.now() < this.pullAfter) return false;
    const { configured } = this.needs;
    try {
      await withLimit(ctx, PULL_TIMEOUT_MS, `pulling ${configured}`, (bounded) => this.needs.pull(bounded, configured));
      return true;
    } catch (error) {
      if (ctx.signal.aborted) throw ctx.signal.reason;
      this.pullAfter = performance.now() + PULL_AGAIN_MS;
      ctx.log.warn('the pause image cannot be pulled: pods take the built-in one', {
        image: configured,
        error: messageOf(error),
      });
      return false;
    }
  }

  private async load(ctx: CallContext): Promise<void> {
    const { Arch: arch } = await this.needs.engine.version(ctx);
    if (arch !== 'amd64' && arch !== 'arm64') {
      throw new ShimError(
        'FailedPrecondition',
        `there is no built-in pause image for ${arch ?? 'an unknown architecture'}: bring ${this.needs.configured} to this node`,
      );
    }
    await this.needs.engine.loadImage(ctx, pauseImageArchive(arch));
    ctx.log.info('loaded the built-in pause image', { image: BUILT_IN_PAUSE_IMAGE });
  }
}
