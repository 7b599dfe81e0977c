import { readOpening } from '../../../../src/cri/listen/opening';
import { HELLO, KUBELET_FIRST_CALL, SETTINGS_ACK } from './http2-client-bytes';

/** The first call of an old kubelet without the acknowledgement before it. */
const FIRST_CALL = KUBELET_FIRST_CALL.subarray(KUBELET_FIRST_CALL.indexOf(SETTINGS_ACK) + SETTINGS_ACK.length);
const UNACKNOWLEDGED = Buffer.concat([HELLO, FIRST_CALL]);

test('a client that names the raw socket path gets the filter', () => {
  expect(readOpening(Buffer.from(KUBELET_FIRST_CALL))).toMatchObject({ needsFilter: true });
});

test('it does so too when its first call is read before its acknowledgement, and again after it', () => {
  const bytes = Buffer.from(UNACKNOWLEDGED);
  expect(readOpening(bytes)).toBeUndefined();
  expect(readOpening(Buffer.concat([bytes, SETTINGS_ACK]))).toMatchObject({ needsFilter: true });
});
