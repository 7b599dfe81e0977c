import type { ContainerCreate, ContainerSummary } from '../../docker/types';
import { TYPE_LABEL } from '../labels';

/** The containers that are made for their files only, and never started (container/accounts/image-accounts.ts). */

const NAME_PREFIX = 'dockershim-accounts-';
/** Overrides a label that the image might bring, so that the container is not taken for a pod's. */
const TYPE = 'accounts';

/** What Docker's list finds them by, together with `isAccountsReader`. */
export const ACCOUNTS_READER_LABEL = `${TYPE_LABEL}=${TYPE}`;

export function accountsReaderName(imageId: string): string {
  return `${NAME_PREFIX}${imageId.replace(/^sha256:/, '')}`;
}

export function accountsReader(imageId: string): ContainerCreate {
  return {
    Image: imageId,
    Labels: { [TYPE_LABEL]: TYPE },
    // Docker makes no container without a command.
    Entrypoint: ['/'],
    HostConfig: { NetworkMode: 'none', LogConfig: { Type: 'none', Config: {} } },
  };
}

/** The label alone could be an image's. */
export function isAccountsReader({ Names: names }: ContainerSummary): boolean {
  return names?.some((name) => name.startsWith(`/${NAME_PREFIX}`)) ?? false;
}
