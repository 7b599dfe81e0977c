import { Capability } from '../../../../generated/runtime/v1/api';
import type { HostConfig } from '../../../../src/docker/types';
import { checkCapabilities, dockerCapabilities } from '../../../../src/translate/security/capabilities';
import { testFields, type FieldTable } from '../../../support/field-table';

type Given = Parameters<typeof Capability.fromPartial>[0];

const NO_NAME = /^InvalidArgument: capabilities\.(add|drop)_capabilities has no capability in "/;

const FIELDS: FieldTable<Capability, Given, HostConfig> = {
  addCapabilities: [
    [{ addCapabilities: ['A', 'B'] }, { CapAdd: ['A', 'B'], CapDrop: [] }],
    [{ addCapabilities: ['ALL'] }, { CapAdd: ['ALL'], CapDrop: [] }],
    [{ addCapabilities: ['A\n'] }, NO_NAME],
  ],
  dropCapabilities: [
    [{ dropCapabilities: ['A', 'B'] }, { CapAdd: [], CapDrop: ['A', 'B'] }],
    [{ dropCapabilities: ['A\0'] }, NO_NAME],
    // What is dropped stays dropped.
    [
      { addCapabilities: ['A', 'B'], dropCapabilities: ['B'] },
      { CapAdd: ['A'], CapDrop: ['B'] },
    ],
    [
      { addCapabilities: ['CAP_B'], dropCapabilities: ['b'] },
      { CapAdd: [], CapDrop: ['b'] },
    ],
    [
      { addCapabilities: ['A'], dropCapabilities: ['ALL'] },
      { CapAdd: ['A'], CapDrop: ['ALL'] },
    ],
    [
      { addCapabilities: ['ALL'], dropCapabilities: ['A'] },
      { CapAdd: ['ALL'], CapDrop: ['A'] },
    ],
    [
      { addCapabilities: ['all', 'A'], dropCapabilities: ['ALL'] },
      { CapAdd: ['A'], CapDrop: ['ALL'] },
    ],
  ],
  addAmbientCapabilities: [
    [
      { addAmbientCapabilities: ['A'] },
      /^Unimplemented: capabilities\.add_ambient_capabilities: Docker cannot set ambient capabilities/,
    ],
  ],
};

testFields(FIELDS, (given) => {
  const capabilities = Capability.fromPartial(given);
  checkCapabilities('capabilities', capabilities);
  return dockerCapabilities(capabilities);
});

it('none is none and no error', () => {
  expect(() => checkCapabilities('capabilities', undefined)).not.toThrow();
  expect(dockerCapabilities(undefined)).toEqual({ CapAdd: [], CapDrop: [] });
});
