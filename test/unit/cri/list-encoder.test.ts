import fc from 'fast-check';
import {
  Container,
  ListContainersResponse,
  ListPodSandboxResponse,
  PodSandbox,
  RuntimeServiceService,
} from '../../../generated/runtime/v1/api';
import { withListEncoders } from '../../../src/cri/list-encoder';

const { listPodSandbox, listContainers } = withListEncoders(RuntimeServiceService);

const sandboxes = fc.array(
  fc
    .record({
      id: fc.string(),
      createdAt: fc.bigInt({ min: 0n, max: (1n << 62n) - 1n }),
      labels: fc.dictionary(fc.string(), fc.string()),
    })
    .map((fields) => PodSandbox.fromPartial(fields)),
);
const containers = fc.array(
  fc
    .record({ id: fc.string(), imageRef: fc.string(), annotations: fc.dictionary(fc.string(), fc.string()) })
    .map((fields) => Container.fromPartial(fields)),
);

test('a list of sandboxes is encoded as ever, the first time and again', () => {
  fc.assert(
    fc.property(sandboxes, (items) => {
      const expected = Buffer.from(ListPodSandboxResponse.encode({ items }).finish());
      for (const time of [1, 2]) expect([time, listPodSandbox.responseSerialize({ items })]).toEqual([time, expected]);
    }),
  );
});

test('so is a list of containers', () => {
  fc.assert(
    fc.property(containers, (items) => {
      const expected = Buffer.from(ListContainersResponse.encode({ containers: items }).finish());
      for (const time of [1, 2]) {
        expect([time, listContainers.responseSerialize({ containers: items })]).toEqual([time, expected]);
      }
    }),
  );
});

test('an item that is known is not encoded again', () => {
  const encode = jest.spyOn(PodSandbox, 'encode');
  const [known, added] = [PodSandbox.fromPartial({ id: 'a' }), PodSandbox.fromPartial({ id: 'b' })];
  listPodSandbox.responseSerialize({ items: [known] });
  encode.mockClear();
  listPodSandbox.responseSerialize({ items: [added, known] });
  expect(encode.mock.calls.map(([item]) => item)).toEqual([added]);
});
