import { runPlugin } from '../../../../../src/network/cni/plugins/run-plugin';
import { aCall } from '../../../../support/a-call';
import { refusalOf } from '../../../../support/refusal';
import { withoutFiles } from '../../../../support/without-files';

it.each([
  ['there is no such file', '/no/such/plugin', /^Internal: cannot run .*ENOENT$/],
  ['it may not be executed', '/dev/null', /^Internal: cannot run .*EACCES$/],
])('says that %s', async (_what, path, words) => {
  expect(await refusalOf(runPlugin(aCall().ctx, path, {}, ''))).toMatch(words);
});

it('says that no file is left for its pipes', async () => {
  const running = withoutFiles(() => runPlugin(aCall().ctx, '/bin/true', {}, ''));
  expect(await refusalOf(running)).toMatch(/^Internal: cannot run .*EMFILE$/);
});
