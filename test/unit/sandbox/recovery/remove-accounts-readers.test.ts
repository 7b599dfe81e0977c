import type { ContainerSummary } from '../../../../src/docker/types';
import type { CallContext } from '../../../../src/lib/call-context';
import { ShimError } from '../../../../src/lib/errors';
import { removeAccountsReaders } from '../../../../src/sandbox/recovery/remove-accounts-readers';
import { ACCOUNTS_READER_LABEL, accountsReaderName } from '../../../../src/translate/users/accounts-reader';
import { aCall } from '../../../support/a-call';
import { keptLog, type LogLine } from '../../../support/cri-server-under-test';
import { untilGivenUp } from '../../../support/until-given-up';

const earlier = performance.timeOrigin / 1000 - 2;

function row(Id: string, name: string, Created: number): ContainerSummary {
  return { Id, Names: [`/${name}`], Created, Image: '', ImageID: '', State: 'created', Labels: {} };
}

afterEach(() => jest.useRealTimers());

it('removes what an earlier life of the shim made to read images, and nothing of this one’s or of others', async () => {
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

it('gives up one that Docker hangs on, says so, and removes the others', async () => {
  jest.useFakeTimers();
  const lines: LogLine[] = [];
  const removed: string[] = [];
  const engine = {
    listContainers: () =>
      Promise.resolve([
        row('hung', accountsReaderName('sha256:aa'), earlier),
        row('left', accountsReaderName('sha256:bb'), earlier),
      ]),
    removeContainer: (ctx: CallContext, id: string) =>
      id === 'hung' ? untilGivenUp(ctx) : Promise.resolve(void removed.push(id)),
  };
  const removing = removeAccountsReaders({ engine }, aCall(keptLog(lines)).ctx);
  await jest.advanceTimersByTimeAsync(30_000);
  await removing;
  expect(removed).toEqual(['left']);
  expect(lines).toEqual([
    {
      level: 'warn',
      message: 'a reader of an image was not removed',
      fields: { container: 'hung', error: 'removing it took more than 30 s' },
    },
  ]);
});

it.each([
  ['Internal', 'docker: device is busy', ['a reader of an image was not removed']],
  ['NotFound', 'docker: no such container', []],
] as const)('is done where Docker answers a removal with %s', async (kind, message, said) => {
  const lines: LogLine[] = [];
  const engine = {
    listContainers: () => Promise.resolve([row('left', accountsReaderName('sha256:aa'), earlier)]),
    removeContainer: () => Promise.reject(new ShimError(kind, message)),
  };
  await removeAccountsReaders({ engine }, aCall(keptLog(lines)).ctx);
  expect(lines.map((line) => line.message)).toEqual(said);
});

it('is not done while the engine is away', async () => {
  const away = new ShimError('Unavailable', 'the engine is away');
  const engine = {
    listContainers: () => Promise.resolve([row('left', accountsReaderName('sha256:aa'), earlier)]),
    removeContainer: () => Promise.reject(away),
  };
  await expect(removeAccountsReaders({ engine }, aCall().ctx)).rejects.toBe(away);
});
