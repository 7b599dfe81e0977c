import type { ContainerConfig } from '../../../generated/runtime/v1/api';
import type { Engine } from '../../docker/engine';
import { requireImage } from '../../index/find-image';
import type { CallContext } from '../../lib/call-context';
import { invalid } from '../../translate/checks';
import { parseReference } from '../../translate/image-reference';
import type { Account } from '../../translate/users/accounts';
import { ownUser, userToLookUp } from '../../translate/users/user';
import type { ImageAccounts } from './image-accounts';

/**
 * The user of a container that is to be made, as its image knows it; undefined where Docker does what is asked without
 * help.
 * @throws ShimError InvalidArgument for a user name that the image does not have, NotFound when there is no such image
 */
export async function findAccountOf(
  engine: Pick<Engine, 'inspectImage'>,
  accounts: Pick<ImageAccounts, 'find'>,
  ctx: CallContext,
  config: ContainerConfig & { readonly image: { readonly image: string } },
): Promise<Account | undefined> {
  const asked = userToLookUp(config.linux?.securityContext);
  if (asked === undefined) return undefined;
  const { Id: imageId, Config: image } = await requireImage(engine, ctx, parseReference(config.image.image));
  const user = asked === '' ? ownUser(image?.User ?? '') : asked;
  if (user === undefined) return undefined;
  const account = await accounts.find(ctx, imageId, user);
  if (account === undefined)
    throw invalid('linux.security_context', `has the user ${user}, whom the image does not know`);
  return account;
}
