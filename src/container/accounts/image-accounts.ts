import { createToTheEnd } from '../../docker/create-container';
import type { Engine } from '../../docker/engine';
import { removeUntilGone } from '../../docker/remove-container';
import { withDetached, type CallContext } from '../../lib/call-context';
import { kindOf } from '../../lib/errors';
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
   * @throws ShimError NotFound when there is no such image, InvalidArgument when its /etc/passwd can't be read
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
      return { passwd: passwd ?? '', group: group ?? '' };
    } finally {
      await withDetached(ctx.log, REMOVE_TIMEOUT_MS, `removing ${id}`, (fresh) =>
        removeUntilGone(this.engine, fresh, id),
      );
    }
  }

  /** A container that an earlier life of the shim left behind serves as well. */
  private async makeReader(ctx: CallContext, imageId: string): Promise<string> {
    const name = accountsReaderName(imageId);
    try {
      return await createToTheEnd(this.engine, ctx, name, accountsReader(imageId));
    } catch (error) {
      if (kindOf(error) !== 'AlreadyExists') throw error;
      return (await this.engine.inspectContainer(ctx, name)).Id;
    }
  }
}
