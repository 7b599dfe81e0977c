import { PortMapping, Protocol } from '../../../generated/runtime/v1/api';
import { checkPortMapping, dockerPorts, protocolName } from '../../../src/translate/ports';
import { testFields, type FieldTable } from '../../support/field-table';

type Given = Parameters<typeof PortMapping.fromPartial>[0];

const WEB = { containerPort: 80, hostPort: 8080 };

/** What Docker is told of one port. */
function opened(port: string, HostIp: string, HostPort: string): object {
  return { exposed: { ExposedPorts: { [port]: {} } }, bindings: { PortBindings: { [port]: [{ HostIp, HostPort }] } } };
}

const NOTHING = { exposed: {}, bindings: {} };

const FIELDS: FieldTable<PortMapping, Given, object> = {
  protocol: [
    [{ ...WEB, protocol: Protocol.TCP }, opened('80/tcp', '', '8080')],
    [{ ...WEB, protocol: Protocol.UDP }, opened('80/udp', '', '8080')],
    [{ ...WEB, protocol: Protocol.SCTP }, opened('80/sctp', '', '8080')],
    [{ ...WEB, protocol: 3 as Protocol }, /^InvalidArgument: port_mappings\.protocol is unknown: 3/],
  ],
  containerPort: [
    [{ containerPort: 65_535, hostPort: 1 }, opened('65535/tcp', '', '1')],
    [{ containerPort: 80 }, NOTHING],
    [{ containerPort: 0, hostPort: 8080 }, /^InvalidArgument: port_mappings\.container_port is missing/],
    [{ containerPort: -1 }, /^InvalidArgument: port_mappings\.container_port must be a port, not -1/],
    [{ containerPort: 65_536 }, /^InvalidArgument: port_mappings\.container_port must be a port/],
  ],
  hostPort: [
    [{ containerPort: 80, hostPort: 65_535 }, opened('80/tcp', '', '65535')],
    [{ containerPort: 80, hostPort: 0 }, NOTHING],
    [{ containerPort: 80, hostPort: -1 }, /^InvalidArgument: port_mappings\.host_port must be a port, not -1/],
    [{ containerPort: 80, hostPort: 65_536 }, /^InvalidArgument: port_mappings\.host_port must be a port/],
  ],
  hostIp: [
    [{ ...WEB, hostIp: '' }, opened('80/tcp', '', '8080')],
    [{ ...WEB, hostIp: '127.0.0.1' }, opened('80/tcp', '127.0.0.1', '8080')],
    [{ ...WEB, hostIp: '::1' }, opened('80/tcp', '::1', '8080')],
    [{ ...WEB, hostIp: 'localhost' }, /^InvalidArgument: port_mappings\.host_ip must be an IP address/],
    [{ ...WEB, hostIp: '127.0.0.1\n' }, /^InvalidArgument: port_mappings\.host_ip must be an IP address/],
  ],
};

testFields(FIELDS, (given) => {
  const mapping = PortMapping.fromPartial(given);
  checkPortMapping(mapping);
  return dockerPorts([mapping]);
});

it('several, and several of one port', () => {
  const mappings = [
    { containerPort: 80, hostPort: 8080, hostIp: '10.0.0.1' },
    { containerPort: 80, hostPort: 8081 },
    { containerPort: 53, hostPort: 5353, protocol: Protocol.UDP },
    { containerPort: 9090 },
  ].map((mapping) => PortMapping.fromPartial(mapping));
  expect(dockerPorts(mappings)).toEqual({
    exposed: { ExposedPorts: { '80/tcp': {}, '53/udp': {} } },
    bindings: {
      PortBindings: {
        '80/tcp': [
          { HostIp: '10.0.0.1', HostPort: '8080' },
          { HostIp: '', HostPort: '8081' },
        ],
        '53/udp': [{ HostIp: '', HostPort: '5353' }],
      },
    },
  });
});

it('none', () => {
  expect(dockerPorts([])).toEqual(NOTHING);
});

it.each([
  [Protocol.TCP, 'tcp'],
  [Protocol.UDP, 'udp'],
  [Protocol.SCTP, 'sctp'],
])('protocol %p is %s', (protocol, name) => {
  expect(protocolName(protocol)).toBe(name);
});
