import { mkdirSync, statSync } from 'node:fs';
import { PodCidrFile } from '../../../src/store/pod-cidr';
import { temporaryDirectory } from '../../support/temporary-directory';

const directory = temporaryDirectory();

it('is empty until it is told, and then what was told last', async () => {
  const file = (): PodCidrFile => new PodCidrFile(directory.path('root/pod-cidr'));
  expect(await file().read()).toBe('');
  await file().write('10.1.0.0/24');
  await file().write('10.2.0.0/24,fd00::/64');
  expect(await file().read()).toBe('10.2.0.0/24,fd00::/64');
  expect(statSync(directory.path('root/pod-cidr')).mode & 0o777).toBe(0o600);
});

it('fails on what cannot be read, rather than saying that there is none', async () => {
  mkdirSync(directory.path('pod-cidr'));
  await expect(new PodCidrFile(directory.path('pod-cidr')).read()).rejects.toThrow('EISDIR');
});
