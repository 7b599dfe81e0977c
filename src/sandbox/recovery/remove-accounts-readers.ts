import type { Engine } from '../../docker/engine';
import { allToTheEnd } from '../../lib/all-to-the-end';
import type { CallContext } from '../../lib/call-context';
import { isNotFound, kindOf, messageOf } from '../../lib/errors';
import { ACCOUNTS_READER_LABEL, isAccountsReader } from '../../translate/users/accounts-reader';
import { inTime } from './in-time';

export interface AccountsReadersNeeds {
  readonly engine: Pick<Engine, 'listContainers' | 'removeContainer'>;
}

/**
 * Removes the containers that an earlier life of the shim made to look users up (container/accounts/image-accounts.ts) and
 * did not remove: an image that has one can't be removed. One that this life has made stays. Docker's times are whole
 * seconds. One that Docker does not remove is logged, and left for the next start.
 * @throws ShimError while the engine does not answer
 */
export async function removeAccountsReaders({ engine }: AccountsReadersNeeds, ctx: CallContext): Promise<void> {
  const rows = await inTime(ctx, 'listing the readers of images', (bounded) =>
    engine.listContainers(bounded, { labels: [ACCOUNTS_READER_LABEL] }),
  );
  const left = rows.filter((row) => isAccountsReader(row) && (row.Created + 1) * 1000 < performance.timeOrigin);
  const remove = (id: string): Promise<void> =>
    inTime(ctx, 'removing it', (bounded) => engine.removeContainer(bounded, id, { force: true }));
  await allToTheEnd(
    left.map(({ Id: id }) =>
      remove(id).catch((error: unknown) => {
        if (ctx.signal.aborted || kindOf(error) === 'Unavailable') throw error;
        if (isNotFound(error)) return;
        ctx.log.warn('a reader of an image was not removed', { container: id, error: messageOf(error) });
      }),
    ),
  );
}
