import type { ContainerSummary } from '../../../../src/docker/types';
import {
  ACCOUNTS_READER_LABEL,
  accountsReader,
  accountsReaderName,
  isAccountsReader,
} from '../../../../src/translate/users/accounts-reader';
import { kindOfContainer } from '../../../../src/translate/labels';

const IMAGE = `sha256:${'a'.repeat(64)}`;
const row = (...names: string[]): ContainerSummary => ({ Names: names }) as unknown as ContainerSummary;

it('has a name of its image that Docker takes, and by which it is known', () => {
  expect(accountsReaderName(IMAGE)).toMatch(/^[a-z-]+-a{64}$/);
  expect(isAccountsReader(row(`/${accountsReaderName(IMAGE)}`))).toBe(true);
  expect([isAccountsReader(row('/k8s_app_pod_default_uid_0')), isAccountsReader(row())]).toEqual([false, false]);
});

it('is no container of a pod, whatever labels the image brings', () => {
  const labels = accountsReader(IMAGE).Labels ?? {};
  expect(kindOfContainer(labels)).toBeUndefined();
  expect(Object.entries(labels).map((pair) => pair.join('='))).toEqual([ACCOUNTS_READER_LABEL]);
});
