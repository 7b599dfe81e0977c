import { createToTheEnd } from '../../docker/create-container';
import type { Engine } from '../../docker/engine';
import { removeUntilGone } from '../../docker/remove-container';
import { withDetached, type CallContext } from '../../lib/call-context';
import { ifFound, kindOf, messageOf, ShimError } from '../../lib/errors';
import { Remembered } from '../../lib/remembered';
import { SingleFlight } from '../../lib/single-flight';
import { findAccount, type Account } from '../../translate/users/accounts';
import { accountsReader, accountsReaderName } from '../../translate/users/accounts-reader';
import { readFileInContainer } from './read-file';

/** How long a container that was made to be read may take to go, in milliseconds. */
const REMOVE_TIMEOUT_MS = 30_000;

interface Files {
  readonly passwd: string;
  readonly group: string;
}

/**
 * Looks users up in images. No call of Docker reads an image, so a container is made, never started, and read. An
 * image's id is the digest of its content, so what was found stays true for ever.
 */
export class ImageAccounts {
  private readonly known = new Remembered<{ readonly account: Account | undefined }>();
  private readonly reading = new SingleFlight<Files>();

  constructor(
    private readonly engine: Pick<
      Engine,
      'createContainer' | 'inspectContainer' | 'removeContainer' | 'containerArchive'
    >,
  ) {}

  /**
   * @param user a name or a number
   * @returns undefined for a name that the image does not have
   * @throws ShimError NotFound when there is no such image, InvalidArgument when its /etc/passwd can't be read,
   * Unavailable when somebody removed the container in the middle
   */
  async find(ctx: CallContext, imageId: string, user: string): Promise<Account | undefined> {
    const key = `${imageId} ${user}`;
    const known = this.known.get(key);
    if (known !== undefined) return known.account;
    const { passwd, group } = await this.reading.run(ctx, imageId, (shared) => this.read(shared, imageId));
    const account = findAccount(passwd, group, user);
    this.known.set(key, { account });
    return account;
  }

  private async read(ctx: CallContext, imageId: string): Promise<Files> {
    const id = await this.makeReader(ctx, imageId);
    try {
      const [passwd, group] = await Promise.all(
        ['/etc/passwd', '/etc/group'].map((path) => readFileInContainer(this.engine, ctx, id, path)),
      );
      if (passwd === undefined || group === undefined) await this.requireReader(ctx, id);
      return { passwd: passwd ?? '', group: group ?? '' };
    } finally {
      await this.removeReader(ctx, id);
    }
  }

  /**
   * Docker answers alike for a file that the image does not have and for a container that is gone or going. What is found
   * is kept for ever, so a file is believed to be missing only while the container is there.
   */
  private async requireReader(ctx: CallContext, id: string): Promise<void> {
    const reader = await ifFound(this.engine.inspectContainer(ctx, id));
    if (reader?.State.Status !== 'created') throw removedMeanwhile(id);
  }

  /** One that cannot be removed does not make what was read wrong. The next lookup in the image, or start, removes it. */
  private async removeReader(ctx: CallContext, id: string): Promise<void> {
    try {
      await withDetached(ctx.log, REMOVE_TIMEOUT_MS, `removing ${id}`, (fresh) =>
        removeUntilGone(this.engine, fresh, id),
      );
    } catch (error) {
      ctx.log.warn('a container that was made to look users up is left, and holds its image', {
        container: id,
        error: messageOf(error),
      });
    }
  }

  /** A container that an earlier life of the shim left behind serves as well. */
  private async makeReader(ctx: CallContext, imageId: string): Promise<string> {
    const name = accountsReaderName(imageId);
    try {
      return await createToTheEnd(this.engine, ctx, name, accountsReader(imageId));
    } catch (error) {
      if (kindOf(error) !== 'AlreadyExists') throw error;
      const left = await ifFound(this.engine.inspectContainer(ctx, name));
      if (left === undefined) throw removedMeanwhile(name);
      return left.Id;
    }
  }
}

function removedMeanwhile(container: string): ShimError {
  const what = `the container ${container}, made to look users up in its image, was removed meanwhile: try again`;
  return new ShimError('Unavailable', what);
}
