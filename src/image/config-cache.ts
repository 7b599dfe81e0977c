import type { Engine } from '../docker/engine';
import type { CallContext } from '../lib/call-context';

/** More images than a node keeps; an entry is some 200 bytes. */
const LARGEST = 4096;

/**
 * The part of each image's configuration that a list of images shows and Docker's own list lacks. An id is the digest of
 * the configuration, so what is known of an id is true for ever; names, which do change, are not kept here.
 * The least recently used entry goes first. Owned by the list verb.
 */
export class ImageConfigCache {
  private readonly users = new Map<string, string>();

  constructor(
    private readonly engine: Pick<Engine, 'inspectImage'>,
    private readonly largest = LARGEST,
  ) {}

  /** The user (`Config.User`) of the image with this whole id. @throws ShimError NotFound when it is gone. */
  async userOf(ctx: CallContext, id: string): Promise<string> {
    const user = this.users.get(id) ?? (await this.engine.inspectImage(ctx, id)).Config?.User ?? '';
    this.users.delete(id);
    this.users.set(id, user);
    if (this.users.size > this.largest) this.users.delete(this.users.keys().next().value ?? '');
    return user;
  }

  get size(): number {
    return this.users.size;
  }
}
