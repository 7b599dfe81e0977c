import { ContainerConfig, ImageSpec } from '../../../../generated/runtime/v1/api';
import { findAccountOf } from '../../../../src/container/accounts/find-account';
import type { ImageInspect } from '../../../../src/docker/types';
import { aCall } from '../../../support/a-call';
import { refusalOf } from '../../../support/refusal';

const ACCOUNT = { uid: 7n, gid: 8n, groups: [] };

/** Looks up the user 7 in an image of this name. The answer has what Docker was asked for. */
async function findIn(image: string) {
  const asked: string[] = [];
  const engine = {
    inspectImage: (_ctx: unknown, reference: string) => {
      asked.push(reference);
      return Promise.resolve({ Id: 'sha256:1' } as ImageInspect);
    },
  };
  const accounts = { find: () => Promise.resolve(ACCOUNT) };
  const config = {
    ...ContainerConfig.fromPartial({ linux: { securityContext: { runAsUser: { value: 7n } } } }),
    image: ImageSpec.fromPartial({ image }),
  };
  return { account: await findAccountOf(engine, accounts, aCall().ctx, config), asked };
}

it('asks Docker for the image by what can stand in a URL', async () => {
  expect(await findIn('busybox')).toEqual({ account: ACCOUNT, asked: ['docker.io/library/busybox:latest'] });
});

it.each(['a b', 'x?y', '../../containers/x', 'x#y', 'x%2fy'])('asks nothing for %s', async (image) => {
  expect(await refusalOf(findIn(image))).toMatch(/^InvalidArgument: .* is no image reference/);
});
