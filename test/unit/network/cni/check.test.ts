import { aCall } from '../../../support/a-call';
import { ADD_RESULT, cniNetworkUnderTest } from '../../../support/cni-network-under-test';
import { aCniPod } from '../../../support/cni-pods';
import { refusalOf } from '../../../support/refusal';

const node = cniNetworkUnderTest();

it('CHECK runs the chain in order with the result of ADD, from 0.4.0 on', async () => {
  node.configure();
  const network = await node.started();
  await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
  await network.check(aCall().ctx, aCniPod('c0ffee', ''));
  expect(node.plugins.story().slice(2)).toEqual(['first CHECK', 'second CHECK']);
  expect(node.plugins.runs()[3]?.input).toMatchObject({ prevResult: ADD_RESULT });
  node.plugins.add('second', 'echo gone >&2; exit 1');
  expect(await refusalOf(network.check(aCall().ctx, aCniPod('c0ffee', '')))).toContain('gone');
});

it.each([{ disableCheck: true }, { cniVersion: '0.3.1' }])('CHECK is left out with %j', async (special) => {
  node.configure(special);
  const network = await node.started();
  await network.attach(aCall().ctx, aCniPod('c0ffee', ''));
  await network.check(aCall().ctx, aCniPod('c0ffee', ''));
  expect(node.plugins.story()).toEqual(['first ADD', 'second ADD']);
});
