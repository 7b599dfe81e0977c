import { NamespaceMode, NamespaceOption, UserNamespace } from '../../../generated/runtime/v1/api';
import type { HostConfig } from '../../../src/docker/types';
import {
  checkNamespaces,
  memberNamespaces,
  readSandboxNamespaces,
  sandboxNamespaces,
} from '../../../src/translate/namespaces';
import { testFields, type FieldTable } from '../../support/field-table';

const { POD, CONTAINER, NODE, TARGET } = NamespaceMode;
const UNKNOWN = 4 as NamespaceMode;
const ID = '1'.repeat(64);
const SANDBOX = `container:${ID}`;

type Given = Parameters<typeof NamespaceOption.fromPartial>[0];

function checked(given: Given): NamespaceOption {
  const options = NamespaceOption.fromPartial(given);
  checkNamespaces('namespace_options', options);
  return options;
}

describe('of a sandbox', () => {
  const OWN = { NetworkMode: 'default', IpcMode: 'shareable' };

  const FIELDS: FieldTable<NamespaceOption, Given, HostConfig> = {
    network: [
      [{ network: POD }, OWN],
      [{ network: NODE }, { ...OWN, NetworkMode: 'host' }],
      [{ network: CONTAINER }, /^InvalidArgument: namespace_options\.network can be POD or NODE, not CONTAINER/],
      [{ network: TARGET }, /^InvalidArgument: namespace_options\.network can be POD or NODE, not TARGET/],
      [{ network: UNKNOWN }, /^InvalidArgument: namespace_options\.network can be POD or NODE, not 4/],
    ],
    pid: [
      [{ pid: POD }, OWN],
      [{ pid: CONTAINER }, OWN],
      [{ pid: NODE }, { ...OWN, PidMode: 'host' }],
      [{ pid: UNKNOWN }, /^InvalidArgument: namespace_options\.pid is unknown: 4/],
    ],
    ipc: [
      [{ ipc: POD }, OWN],
      [{ ipc: NODE }, { ...OWN, IpcMode: 'host' }],
      [{ ipc: CONTAINER }, /^InvalidArgument: namespace_options\.ipc can be POD or NODE, not CONTAINER/],
    ],
    targetId: [[{ pid: CONTAINER, targetId: 'not looked at' }, OWN]],
    usernsOptions: [
      [{ usernsOptions: { mode: NODE } }, { ...OWN, UsernsMode: 'host' }],
      [{ usernsOptions: { mode: POD } }, /^Unimplemented: namespace_options\.userns_options: Docker has no user/],
    ],
  };

  testFields(FIELDS, (given) => sandboxNamespaces(checked(given), 'default'));

  it('without options', () => {
    expect(sandboxNamespaces(undefined, 'none')).toEqual({ NetworkMode: 'none', IpcMode: 'shareable' });
  });
});

describe('of a container', () => {
  const POD_S = { NetworkMode: SANDBOX, IpcMode: SANDBOX, PidMode: SANDBOX };
  const OWN_PID = { NetworkMode: SANDBOX, IpcMode: SANDBOX };

  const FIELDS: FieldTable<NamespaceOption, Given, HostConfig> = {
    network: [
      [{ network: POD }, POD_S],
      [{ network: NODE }, { ...POD_S, UTSMode: 'host' }],
    ],
    pid: [
      [{ pid: POD }, POD_S],
      [{ pid: CONTAINER }, OWN_PID],
      [{ pid: NODE }, { ...POD_S, PidMode: 'host' }],
      [
        { pid: TARGET, targetId: 'f00' },
        { ...POD_S, PidMode: 'container:f00' },
      ],
    ],
    ipc: [
      [{ ipc: POD }, POD_S],
      // The sandbox is in the node's, so whoever joins it is too.
      [{ ipc: NODE }, POD_S],
    ],
    targetId: [
      [{ pid: TARGET }, /^InvalidArgument: namespace_options\.target_id is missing/],
      [{ pid: TARGET, targetId: 'etcd' }, /^NotFound: there is no container with the id "etcd"/],
    ],
    usernsOptions: [
      [{ usernsOptions: { mode: NODE } }, { ...POD_S, UsernsMode: 'host' }],
      [{ usernsOptions: { mode: POD } }, /^Unimplemented: namespace_options\.userns_options/],
    ],
  };

  testFields(FIELDS, (given) => memberNamespaces(checked(given), ID));

  it('without options', () => {
    expect(memberNamespaces(undefined, ID)).toEqual(POD_S);
  });
});

describe('a user namespace', () => {
  type GivenUser = Parameters<typeof UserNamespace.fromPartial>[0];
  const MAPPING = [{ hostId: 65_536, containerId: 0, length: 65_536 }];

  const FIELDS: FieldTable<UserNamespace, GivenUser, object> = {
    mode: [
      [{ mode: NODE }, {}],
      [{ mode: POD }, /^Unimplemented: f\.userns_options/],
      [{ mode: CONTAINER }, /^InvalidArgument: f\.userns_options\.mode can be POD or NODE, not CONTAINER/],
      [{ mode: UNKNOWN }, /^InvalidArgument: f\.userns_options\.mode can be POD or NODE, not 4/],
    ],
    uids: [
      [{ mode: POD, uids: MAPPING }, /^Unimplemented: f\.userns_options/],
      [{ mode: NODE, uids: MAPPING }, /^InvalidArgument: f\.userns_options maps no ids/],
    ],
    gids: [
      [{ mode: POD, gids: MAPPING }, /^Unimplemented: f\.userns_options/],
      [{ mode: NODE, gids: MAPPING }, /^InvalidArgument: f\.userns_options maps no ids/],
    ],
  };

  testFields(FIELDS, (given) => {
    checkNamespaces('f', NamespaceOption.fromPartial({ usernsOptions: UserNamespace.fromPartial(given) }));
    return {};
  });
});

it.each([
  [{ network: POD, ipc: POD, pid: CONTAINER }],
  [{ network: NODE, ipc: POD, pid: CONTAINER }],
  [{ network: POD, ipc: NODE, pid: CONTAINER }],
  [{ network: NODE, ipc: NODE, pid: NODE }],
  [{ pid: NODE, usernsOptions: { mode: NODE } }],
])('a sandbox made with %j says so', (given) => {
  const options = checked(given);
  expect(readSandboxNamespaces(sandboxNamespaces(options, 'default'))).toEqual(options);
});

it('no options at all are no error', () => {
  expect(() => checkNamespaces('f', undefined)).not.toThrow();
});
