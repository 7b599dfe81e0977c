import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {
  checksum,
  CheckpointStore,
  serialize,
  type Checkpoint,
  type CheckpointPort,
} from '../../../src/store/checkpoint';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();

const RECORDED = path.join(__dirname, '../../contract/recorded/cri-dockerd-master/sandbox.checkpoint.json');

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
});

describe('the file', () => {
  it('is what cri-dockerd writes, to the byte', () => {
    const checkpoint = { ...POD, name: 'recorded', namespace: 'default', portMappings: [port(80, 18_089)] };
    expect(serialize(checkpoint)).toBe(readFileSync(RECORDED, 'utf8'));
  });

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

  it('tells all that there is, with a checksum of its own data', () => {
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
    interface Text {
      readonly name: string;
      readonly namespace: string;
      readonly data: {
        readonly port_mappings?: readonly Record<string, unknown>[];
        readonly host_network?: boolean;
      };
      readonly checksum: number;
    }
    fc.assert(
      fc.property(checkpoints, (checkpoint) => {
        const text = JSON.parse(serialize(checkpoint)) as Text;
        const portMappings = (text.data.port_mappings ?? []).map((one) => ({
          protocol: one['protocol'],
          containerPort: one['container_port'],
          hostPort: one['host_port'],
          hostIp: one['host_ip'] ?? '',
        }));
        const read = { name: text.name, namespace: text.namespace, hostNetwork: text.data.host_network ?? false };
        expect({ ...read, portMappings }).toEqual(checkpoint);
        expect(text.checksum).toBe(checksum(checkpoint));
      }),
    );
  });
});

it('the store keeps a file for each sandbox, by its id', async () => {
  const store = new CheckpointStore(root.path('sandbox'));
  await store.write('f00', POD);
  await store.write('f00', { ...POD, hostNetwork: true });
  await store.write('ba5', POD);
  expect(readdirSync(root.path('sandbox')).sort()).toEqual(['ba5', 'f00']);
  expect(readFileSync(root.path('sandbox', 'f00'), 'utf8')).toBe(serialize({ ...POD, hostNetwork: true }));
  await store.remove('f00');
  await store.remove('f00');
  expect(readdirSync(root.path('sandbox'))).toEqual(['ba5']);
});

it('the store tells whose checkpoints it has, also before the first one', async () => {
  const store = new CheckpointStore(root.path('sandbox'));
  expect(await store.ids()).toEqual([]);
  await store.write('f00', POD);
  writeFileSync(root.path('sandbox', '.ba5.half-written'), '');
  expect(await store.ids()).toEqual(['f00']);
});
