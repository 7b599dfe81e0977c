import { isOnHostNetwork } from '../../../src/docker/network-mode';

it.each([
  ['host', true],
  ['none', false],
  ['default', false],
  ['container:c0ffee', false],
  ['hostile', false],
  [undefined, false],
])("a container of the network mode %s is on the host's network: %s", (NetworkMode, expected) => {
  expect(isOnHostNetwork({ HostConfig: NetworkMode === undefined ? {} : { NetworkMode } })).toBe(expected);
});
