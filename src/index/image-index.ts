import { isDeepStrictEqual } from 'node:util';
import type { Image } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineEvent } from '../docker/engine-event';
import type { ImageInspect } from '../docker/types';
import { throwIfEnded, withLimit, withDetached, type CallContext } from '../lib/call-context';
import { isNotFound, kindOf, messageOf } from '../lib/errors';
import type { Log } from '../lib/log';
import { Slots } from '../lib/slots';
import { untilEnded } from '../lib/until-ended';
import type { ImageNames } from '../translate/container-status';
import { toImage, withUser } from '../translate/image';
import { InStep } from './sync/in-step';

/** How long Docker may take to list its images, and to tell of one, in milliseconds. */
const LIST_TIMEOUT_MS = 30_000;
const LOOK_TIMEOUT_MS = 5_000;
/** How long a change that is made waits until it shows, while Docker can't list its images, in milliseconds. */
const OUT_OF_STEP_PATIENCE_MS = 2_000;
/** How long those who need but the names wait until all images are known, in milliseconds. */
const NAMES_PATIENCE_MS = 1_000;
/** How many images are looked at side by side, and how long one may keep others waiting, in milliseconds. */
const SLOTS = 4;
const SLOT_PATIENCE_MS = 500;

/** What changes which images there are, or their names. */
export const IMAGE_ACTIONS = ['create', 'delete', 'import', 'load', 'prune', 'pull', 'tag', 'untag'] as const;

/**
 * The images of the node in memory, as CRI has them but for their pins. Any event about images has Docker's list read
 * again; each image is looked at once, for the user that the list lacks: an id is the digest of the configuration, so
 * what is known of an id is true for ever. In containerd it is the digest of an index of them: one that has nothing for
 * this platform yet, which some engines say and others don't find, is looked at again. A list that can't be read when it
 * has to be is out of date: out of step.
 */
export class ImageIndex {
  private images: ReadonlyMap<string, Image> = new Map();
  /** Those of Docker's last list: known before the images in it have been looked at. */
  private names: ReadonlyMap<string, ImageNames> = new Map();
  /**
   * Images of which Docker could not tell the configuration: shown as they are listed, without a user, and looked at
   * again with the next list.
   */
  private unsure: ReadonlySet<string> = new Set();
  /** Those who need but the names have waited in vain since Docker's list was last read: the next ones don't wait. */
  private overdue = false;
  private readonly slots = new Slots(SLOTS, SLOT_PATIENCE_MS);
  private readonly step = new InStep(() => this.read());

  constructor(
    private readonly engine: Pick<Engine, 'listImages' | 'inspectImage'>,
    private readonly log: Log,
  ) {}

  /** Every image but the intermediate ones of a build. The same object as long as nothing changes. */
  async byId(ctx: CallContext): Promise<ReadonlyMap<string, Image>> {
    await this.step.reach(ctx);
    return this.images;
  }

  /** Whether Docker has told of the image, as `byId` has it: otherwise it lacks its user. */
  isSure(id: string): boolean {
    return !this.unsure.has(id);
  }

  /**
   * What images are called, for answers about containers: those are due even while Docker can't list its images. Then it
   * is what was last known, at the start nothing.
   * @throws the context's reason
   */
  async namesById(ctx: CallContext): Promise<ReadonlyMap<string, ImageNames>> {
    if (!this.step.isReached) await this.waitForNames(ctx);
    return this.names;
  }

  /**
   * Reads Docker's list, after now. Never throws: what fails is read again by the next one who needs the images. Out of
   * step that one waits for it anyway, and a change that is made does not wait for a list that hangs.
   */
  async refresh(ctx: CallContext): Promise<void> {
    const patienceMs = this.step.isReached ? LIST_TIMEOUT_MS : OUT_OF_STEP_PATIENCE_MS;
    try {
      await withLimit(ctx, patienceMs, 'listing the images', (patient) =>
        untilEnded(patient, this.step.compareAfterChange()),
      );
    } catch (error) {
      ctx.log.debug('the images cannot be listed', { error: messageOf(error) });
    }
  }

  onEvent(event: EngineEvent): void {
    if (event.Type === 'image') this.inBackground(this.step.compareAfterChange());
  }

  onEventsFlow(ctx: CallContext): Promise<void> {
    return this.step.onEventsFlow(ctx);
  }

  onEventsBreak(): void {
    this.step.onEventsBreak();
  }

  lookAgain(): void {
    if (this.unsure.size > 0) this.inBackground(this.step.compareAgain());
  }

  async check(): Promise<void> {
    if (this.step.isReached) await this.step.compareAgain();
  }

  /** Also has the list read when nobody waits for it. */
  private async waitForNames(ctx: CallContext): Promise<void> {
    const patienceMs = this.overdue ? 0 : NAMES_PATIENCE_MS;
    try {
      await withLimit(ctx, patienceMs, 'listing the images', (patient) => this.step.reach(patient));
    } catch (error) {
      throwIfEnded(ctx);
      if (!this.overdue) this.log.warn('containers may lack the names of their images', { error: messageOf(error) });
      this.overdue = true;
    }
  }

  private inBackground(comparison: Promise<void>): void {
    comparison.catch((error: unknown) => {
      this.log.warn('the images cannot be listed', { error: messageOf(error) });
    });
  }

  private async read(): Promise<void> {
    const rows = await withDetached(this.log, LIST_TIMEOUT_MS, 'listing the images', (ctx) =>
      this.engine.listImages(ctx),
    );
    const images = rows.map(toImage);
    this.names = new Map(images.map((image) => [image.id, image]));
    const unsure = new Set<string>();
    const complete = await Promise.all(images.map(async (image) => await this.complete(image, unsure)));
    const byId = new Map(complete.map((image) => [image.id, image]));
    if (!isDeepStrictEqual(byId, this.images)) this.images = byId;
    this.unsure = unsure;
    this.overdue = false;
  }

  private async complete(image: Image, unsure: Set<string>): Promise<Image> {
    const known = this.images.get(image.id);
    if (known !== undefined && !this.unsure.has(image.id)) {
      const { uid, username } = known;
      return { ...image, uid, username };
    }
    try {
      const { Os: os, Architecture: architecture, Config: config } = await this.inspect(image.id);
      if (!os && !architecture) unsure.add(image.id);
      return withUser(image, config?.User ?? '');
    } catch (error) {
      if (kindOf(error) === 'Unavailable') throw error;
      // A single broken image must not stop the kubelet's garbage collection.
      // It is looked at again every ten seconds, and said once. Not found may have been removed since it was listed, which
      // the next list tells, or, in containerd, have nothing for this platform: it takes room, and must be listed to go.
      const level = isNotFound(error) || this.unsure.has(image.id) ? 'debug' : 'warn';
      this.log[level]('docker cannot tell of an image', { image: image.id, error: messageOf(error) });
      unsure.add(image.id);
      return image;
    }
  }

  private inspect(id: string): Promise<ImageInspect> {
    return this.slots.run(() =>
      withDetached(this.log, LOOK_TIMEOUT_MS, `the inspect of image ${id}`, (ctx) => this.engine.inspectImage(ctx, id)),
    );
  }
}
