import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { checksum, parse, serialize, type Checkpoint, type CheckpointPort } from '../../../src/store/checkpoint-text';

const recorded = (program: string, of = 'sandbox'): string =>
  readFileSync(path.join(__dirname, `../../contract/recorded/${program}/${of}.checkpoint.json`), 'utf8');

function port(containerPort: number, hostPort: number, more: Partial<CheckpointPort> = {}): CheckpointPort {
  return { protocol: 'tcp', containerPort, hostPort, hostIp: '', ...more };
}

const POD: Checkpoint = { name: 'web', namespace: 'shop', hostNetwork: false, portMappings: [] };

describe('the checksum', () => {
  // The fourth was recorded from cri-dockerd; the others were worked out in another program, which finds that one too.
  it.each<[number, Pick<Checkpoint, 'hostNetwork' | 'portMappings'>]>([
    [2305795928, { hostNetwork: false, portMappings: [] }],
    [12315789, { hostNetwork: true, portMappings: [] }],
    [3712672205, { hostNetwork: false, portMappings: [port(80, 8080)] }],
    [4048043407, { hostNetwork: false, portMappings: [port(80, 18089)] }],
    [1145997913, { hostNetwork: false, portMappings: [port(80, 8080), port(53, 0, { protocol: 'udp' })] }],
    [1179166271, { hostNetwork: true, portMappings: [port(80, 8080, { protocol: 'sctp', hostIp: '10.0.0.1' })] }],
  ])('%d', (expected, checkpoint) => {
    expect(checksum(checkpoint)).toBe(expected);
  });

  // The second was recorded.
  it.each<[number, Pick<Checkpoint, 'hostNetwork' | 'portMappings'>]>([
    [815459779, { hostNetwork: false, portMappings: [] }],
    [3642449034, { hostNetwork: false, portMappings: [port(80, 18088)] }],
  ])("the in-tree dockershim's: %d", (expected, checkpoint) => {
    expect(checksum(checkpoint, 'dockershim')).toBe(expected);
  });
});

describe('the file', () => {
  it('is what cri-dockerd writes, to the byte', () => {
    const checkpoint = { ...POD, name: 'recorded', namespace: 'default', portMappings: [port(80, 18_089)] };
    expect(serialize(checkpoint)).toBe(recorded('cri-dockerd-master'));
  });

  it.each(['ports', 'host-network'])(
    "is read and written again as cri-dockerd's of a pod with %s, to the byte",
    (of) => {
      const text = recorded('cri-dockerd-master', of);
      const read = parse(text, ['cri-dockerd']);
      expect(read && serialize(read)).toBe(text);
    },
  );

  it('leaves out what is empty or false, and keeps a host port of 0', () => {
    const ports = [port(53, 0, { protocol: 'udp', hostIp: '::1' })];
    expect(JSON.parse(serialize(POD))).toEqual({
      version: 'v1',
      name: 'web',
      namespace: 'shop',
      data: {},
      checksum: 2305795928,
    });
    expect(JSON.parse(serialize({ ...POD, hostNetwork: true, portMappings: ports }))).toMatchObject({
      data: {
        port_mappings: [{ protocol: 'udp', container_port: 53, host_port: 0, host_ip: '::1' }],
        host_network: true,
      },
    });
  });

  it('is read as it was written', () => {
    const mapping = fc.record({
      protocol: fc.constantFrom('tcp', 'udp', 'sctp'),
      containerPort: fc.nat({ max: 65_535 }),
      hostPort: fc.nat({ max: 65_535 }),
      hostIp: fc.oneof(fc.constant(''), fc.ipV4(), fc.ipV6()),
    });
    const checkpoints = fc.record({
      name: fc.string(),
      namespace: fc.string(),
      hostNetwork: fc.boolean(),
      portMappings: fc.array(mapping, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(checkpoints, (checkpoint) => {
        expect(parse(serialize(checkpoint))).toEqual(checkpoint);
      }),
    );
  });
});

describe('a file that is read', () => {
  it.each([
    ['cri-dockerd-master', 'recorded', 'default', 18_089],
    ['in-tree-dockershim-1.20', 'legacy-lab-node', 'default', 18_088],
  ])('may be of %s', (program, name, namespace, hostPort) => {
    expect(parse(recorded(program))).toEqual({
      name,
      namespace,
      hostNetwork: false,
      portMappings: [port(80, hostPort)],
    });
  });

  it('is of no use to cri-dockerd when the in-tree dockershim has written it', () => {
    expect(parse(recorded('in-tree-dockershim-1.20'), ['cri-dockerd'])).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['half a file', recorded('cri-dockerd-master').slice(0, 100)],
    ['another port', recorded('cri-dockerd-master').replace('18089', '18090')],
    ['no checksum', JSON.stringify({ ...POD, data: {} })],
    ['no data', '{"version":"v1","name":"a","namespace":"b","checksum":2305795928}'],
    ['a name that is none', '{"version":"v1","name":7,"namespace":"b","data":{},"checksum":2305795928}'],
    ['ports that are no list', '{"name":"a","namespace":"b","data":{"port_mappings":{}},"checksum":2305795928}'],
    ['a port that is none', '{"name":"a","namespace":"b","data":{"port_mappings":[null]},"checksum":2305795928}'],
    ['something else', '[]'],
  ])('is corrupt: %s', (_what, text) => {
    expect(parse(text)).toBeUndefined();
  });

  it('may have any bytes in it', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parse(text)));
  });
});
