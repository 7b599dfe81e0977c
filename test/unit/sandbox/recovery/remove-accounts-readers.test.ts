import type { ContainerSummary } from '../../../../src/docker/types';
import { removeAccountsReaders } from '../../../../src/sandbox/recovery/remove-accounts-readers';
import { ACCOUNTS_READER_LABEL, accountsReaderName } from '../../../../src/translate/users/accounts-reader';
import { aCall } from '../../../support/a-call';

it('removes what an earlier life of the shim made to read images, and nothing of this one’s or of others', async () => {
  const earlier = performance.timeOrigin / 1000 - 2;
  const row = (Id: string, name: string, Created: number) =>
    ({
      Id,
      Names: [`/${name}`],
      Created,
      Image: '',
      ImageID: '',
      State: 'created',
      Labels: {},
    }) satisfies ContainerSummary;
  const removed: string[] = [];
  const engine = {
    listContainers: (_ctx: unknown, { labels }: { labels: readonly string[] }) => {
      expect(labels).toEqual([ACCOUNTS_READER_LABEL]);
      return Promise.resolve([
        row('left', accountsReaderName('sha256:aa'), earlier),
        row('in use', accountsReaderName('sha256:bb'), performance.timeOrigin / 1000),
        row('somebody’s, of an image with such a label', 'web', earlier),
      ]);
    },
    removeContainer: (_ctx: unknown, id: string) => {
      removed.push(id);
      return Promise.resolve();
    },
  };
  await removeAccountsReaders({ engine }, aCall().ctx);
  expect(removed).toEqual(['left']);
});
