import type { Engine } from '../../docker/engine';
import type { CallContext } from '../../lib/call-context';
import { ACCOUNTS_READER_LABEL, isAccountsReader } from '../../translate/users/accounts-reader';

export interface AccountsReadersNeeds {
  readonly engine: Pick<Engine, 'listContainers' | 'removeContainer'>;
}

/**
 * Removes the containers that an earlier life of the shim made to look users up (container/accounts/image-accounts.ts) and
 * did not remove: an image that has one can't be removed. One that this life has made stays. Docker's times are whole
 * seconds.
 */
export async function removeAccountsReaders({ engine }: AccountsReadersNeeds, ctx: CallContext): Promise<void> {
  const rows = await engine.listContainers(ctx, { labels: [ACCOUNTS_READER_LABEL] });
  const left = rows.filter((row) => isAccountsReader(row) && (row.Created + 1) * 1000 < performance.timeOrigin);
  for (const { Id: id } of left) await engine.removeContainer(ctx, id, { force: true });
}
