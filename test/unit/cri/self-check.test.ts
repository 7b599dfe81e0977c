import { createServer } from 'node:net';
import { join } from 'node:path';
import { checkAnswers } from '../../../src/cri/self-check';
import { CriServerUnderTest } from '../../support/cri-server-under-test';
import { refusalOf } from '../../support/refusal';

let cri: CriServerUnderTest;

beforeEach(async () => {
  cri = new CriServerUnderTest({});
  await cri.start();
});

afterEach(() => cri.remove());

it('is content with a server that answers', async () => {
  await expect(checkAnswers(cri.socketPath)).resolves.toBeUndefined();
});

it('tells when nobody listens', async () => {
  expect(await refusalOf(checkAnswers(join(cri.directory, 'none')))).toMatch(/^Unavailable: nothing answers on .*none/);
});

it('tells when somebody listens who says nothing of use', async () => {
  const path = join(cri.directory, 'rude');
  const rude = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => rude.listen(path, resolve));

  expect(await refusalOf(checkAnswers(path))).toMatch(/^Unavailable: nothing answers on /);
  await new Promise((resolve) => rude.close(resolve));
});
