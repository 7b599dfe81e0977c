import type { MethodDefinition } from '@grpc/grpc-js';
import type { Container, PodSandbox, RuntimeServiceService } from '../../generated/runtime/v1/api';
import { Derived } from '../lib/derived';

/**
 * Encodes a list whose items are mostly the objects of the list before: each of those is encoded once. A kubelet lists all
 * pods and containers every second, of which hardly one has changed.
 * @param encodeOne encodes a list of this one item
 */
function listEncoder<Item extends object>(encodeOne: (item: Item) => Buffer): (items: readonly Item[]) => Buffer {
  const encoded = new Derived(encodeOne);
  // Messages in a row are one message to protobuf, and its repeated field has the items of them all.
  return (items) => Buffer.concat(items.map((item) => encoded.of(item)));
}

/** The runtime service, whose two long lists remember how their items are encoded. The items must never be changed. */
export function withListEncoders(service: typeof RuntimeServiceService) {
  const { listPodSandbox, listContainers } = service;
  const sandboxes = listEncoder((item: PodSandbox) => listPodSandbox.responseSerialize({ items: [item] }));
  const containers = listEncoder((item: Container) => listContainers.responseSerialize({ containers: [item] }));
  return {
    ...service,
    listPodSandbox: answering(listPodSandbox, ({ items }) => sandboxes(items)),
    listContainers: answering(listContainers, (list) => containers(list.containers)),
  };
}

function answering<Request, Response>(
  method: MethodDefinition<Request, Response>,
  responseSerialize: (response: Response) => Buffer,
): MethodDefinition<Request, Response> {
  return { ...method, responseSerialize };
}
