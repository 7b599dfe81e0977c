import { openStandIn } from '../../../../src/host/netns/stand-in';
import { aCall } from '../../../support/a-call';
import { refusalOf } from '../../../support/refusal';
import { withoutFiles } from '../../../support/without-files';

it('says that no file is left for the pipes of its process', async () => {
  const opening = withoutFiles(() => openStandIn(aCall().ctx, 'eth0', ['10.1.0.7/24']));
  expect(await refusalOf(opening)).toBe('Internal: no network namespace can be made: spawn unshare EMFILE');
});
