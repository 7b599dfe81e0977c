import type { Contract, Field, Message } from './contract';
import { readContractJson } from './contract-json';
import { readContractProtos } from './contract-proto';
import * as v1 from '../../../generated/runtime/v1/api';
import * as v1alpha2 from '../../../generated/runtime/v1alpha2/api';

const protos = readContractProtos();

it('has the two versions of the CRI', () => {
  expect([...protos.keys()].sort()).toEqual(['v1', 'v1alpha2']);
});

describe.each(['v1', 'v1alpha2'])('runtime.%s', (version) => {
  const written = proto(version);
  const given = readContractJson(version);

  it('is the package, with the options of the contract', () => {
    expect([written.package, written.options]).toEqual([given.package, given.options]);
  });

  it('has the services and calls of the contract', () => {
    expect(written.services).toEqual(given.services);
  });

  it('has the messages, fields and reserved numbers of the contract', () => {
    expect(written.messages).toEqual(given.messages);
  });

  it('has the enums and values of the contract', () => {
    expect(written.enums).toEqual(given.enums);
  });
});

describe('v1alpha2 is served with the codecs of v1', () => {
  const older = proto('v1alpha2');
  const newer = proto('v1');

  it('has no call that v1 lacks or that has other messages there', () => {
    expect(newer.services).toMatchObject(older.services);
  });

  it('has no field that v1 lacks, or that has another number or another form on the wire there', () => {
    expect(onTheWire(newer.messages)).toMatchObject(onTheWire(older.messages));
  });

  it('has no enum value that means something else in v1', () => {
    expect(newer.enums).toMatchObject(older.enums);
  });

  it('has bytes of v1 where a string is: they are read as they were written', () => {
    const sent = v1alpha2.ContainerConfig.encode(
      v1alpha2.ContainerConfig.fromPartial({ envs: [{ key: 'GREETING', value: 'grüß Gott' }] }),
    ).finish();
    const received = v1.ContainerConfig.decode(sent);
    expect(received.envs).toEqual([{ key: 'GREETING', value: Buffer.from('grüß Gott') }]);
  });
});

function proto(version: string): Contract {
  const contract = protos.get(version);
  if (!contract) throw new Error(`proto/ has no package runtime.${version}`);
  return contract;
}

/** What an encoder and a decoder of the messages must agree in; strings and bytes are encoded alike. */
function onTheWire(messages: Record<string, Message>): Record<string, Record<string, Omit<Field, 'options'>>> {
  const wireField = ({ options: _, ...field }: Field) => ({ ...field, type: field.type.replace(/^(string|bytes)$/, 'text') });
  const wireMessage = ({ fields }: Message) =>
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, wireField(field)]));
  return Object.fromEntries(Object.entries(messages).map(([name, message]) => [name, wireMessage(message)]));
}
