import { bandwidthOf } from '../../../../../src/network/cni/attachment/bandwidth';
import { refusal } from '../../../../support/refusal';

const INGRESS = 'kubernetes.io/ingress-bandwidth';
const EGRESS = 'kubernetes.io/egress-bandwidth';

it('is none without annotations, and each direction by itself', () => {
  expect(bandwidthOf({ other: '1M' })).toBeUndefined();
  expect(bandwidthOf({ [INGRESS]: '1M' })).toEqual({ ingressRate: 1_000_000, ingressBurst: 2_147_483_647 });
  expect(bandwidthOf({ [EGRESS]: '2Ki' })).toEqual({ egressRate: 2_048, egressBurst: 2_147_483_647 });
});

it.each(['999', '-1M', '1000001G', 'fast', ''])('refuses %j, naming the annotation', (text) => {
  expect(refusal(() => bandwidthOf({ [EGRESS]: text }))).toContain(`InvalidArgument: the annotation ${EGRESS}`);
});

it.each(['1k', '1P'])('takes the bound %s', (text) => {
  expect(bandwidthOf({ [EGRESS]: text })).toBeDefined();
});
