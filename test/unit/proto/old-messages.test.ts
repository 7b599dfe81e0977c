import { create, fromBinary, ScalarType, toBinary, type DescMessage, type DescMethod } from '@bufbuild/protobuf';
import type { MethodDefinition } from '@grpc/grpc-js';
import * as v1 from '../../../generated/runtime/v1/api';
import * as v1alpha2 from '../../../generated/runtime/v1alpha2/api';
import { inVersion } from '../../../src/cri/services';
import { compileProtos } from './contract-proto';

/**
 * Each message of v1alpha2, with something in every field, through the codecs that serve it, which are v1's; on the other
 * side are the generated codecs of v1alpha2, and ones that know nothing but proto/, which is compared with the contract.
 */
type Definition = MethodDefinition<object, object>;
type Definitions = Readonly<Record<string, Definition>>;

const protos = compileProtos();
const SERVED: Readonly<Record<string, Definitions>> = {
  RuntimeService: inVersion(v1.RuntimeServiceService, 'v1alpha2'),
  ImageService: inVersion(v1.ImageServiceService, 'v1alpha2'),
};
const GENERATED: Readonly<Record<string, Definitions>> = {
  RuntimeService: v1alpha2.RuntimeServiceService as unknown as Definitions,
  ImageService: v1alpha2.ImageServiceService as unknown as Definitions,
};
const CALLS = methodsOf('v1alpha2').map((method) => [method.name, method] as const);

it('all calls are served, and none that a kubelet of that time does not know', () => {
  const paths = Object.values(SERVED).flatMap((service) => Object.values(service).map(({ path }) => path));
  expect(paths.sort()).toEqual(CALLS.map(([name, { parent }]) => `/${parent.typeName}/${name}`).sort());
});

it.each(CALLS)('%s: the request is read as it was written', (_, method) => {
  const written = full(method.input);
  const bytes = [
    Buffer.from(toBinary(method.input, create(method.input, written))),
    definition(GENERATED, method).requestSerialize(written),
  ];
  for (const one of bytes) {
    const read = definition(SERVED, method).requestDeserialize(one);
    expect(plain(read)).toMatchObject(plain(written));
  }
});

it.each(CALLS)('%s: the answer is read as it was written, without what is newer', (_, method) => {
  const newer = methodsOf('v1').find(({ name }) => name === method.name);
  if (newer === undefined) throw new Error(`v1 has no ${method.name}`);
  const bytes = definition(SERVED, method).responseSerialize(full(newer.output));

  const expected = plain(full(method.output));
  expect(plain(fromBinary(method.output, bytes))).toEqual(expected);
  expect(plain(definition(GENERATED, method).responseDeserialize(bytes))).toEqual(expected);
});

it('what nobody set is nothing to either side', () => {
  for (const [, method] of CALLS) {
    const empty = definition(SERVED, method).requestDeserialize(Buffer.alloc(0));
    expect(definition(SERVED, method).requestSerialize(empty)).toHaveLength(0);
    expect(definition(GENERATED, method).responseDeserialize(Buffer.alloc(0))).toEqual(
      definition(GENERATED, method).responseDeserialize(
        definition(SERVED, method).responseSerialize(definition(SERVED, method).responseDeserialize(Buffer.alloc(0))),
      ),
    );
  }
});

function methodsOf(version: string): DescMethod[] {
  const file = protos.get(version);
  if (file === undefined) throw new Error(`proto/ has no runtime.${version}`);
  return file.services.flatMap(({ methods }) => methods);
}

function definition(services: Readonly<Record<string, Definitions>>, { parent, localName }: DescMethod): Definition {
  const found = services[parent.name]?.[localName];
  if (found === undefined) throw new Error(`there is no ${parent.name}.${localName}`);
  return found;
}

/** A message with a value of its own in each field, and at the bounds of its type where there are any. */
function full(message: DescMessage): Record<string, unknown> {
  return Object.fromEntries(
    message.fields.map((field) => {
      const text = `${message.name}.${field.name}`;
      const one = (type: ScalarType | undefined): unknown => (type === undefined ? undefined : scalar(type, text, field.number));
      const value =
        field.message !== undefined ? full(field.message) : (field.enum?.values.at(-1)?.number ?? one(field.scalar));
      if (field.fieldKind === 'list') return [field.localName, [value, value]];
      if (field.fieldKind === 'map') return [field.localName, { [`key of ${text}`]: value }];
      return [field.localName, value];
    }),
  );
}

function scalar(type: ScalarType, text: string, number: number): unknown {
  switch (type) {
    case ScalarType.STRING:
      return `${text} ü`;
    case ScalarType.BYTES:
      return Buffer.from(`${text} ü`);
    case ScalarType.BOOL:
      return true;
    case ScalarType.INT64:
      return BigInt(number) - (1n << 63n);
    case ScalarType.UINT64:
      return (1n << 64n) - 1n - BigInt(number);
    case ScalarType.INT32:
      return number - 2 ** 31;
    case ScalarType.UINT32:
      return 2 ** 32 - 1 - number;
    case ScalarType.DOUBLE:
      return number + 0.1;
    default:
      throw new Error(`${text} is a ${ScalarType[type]}, of which the CRI had none`);
  }
}

/** The message in one form for all codecs. What v1 has as bytes where it was a string is the same on the wire. */
function plain(value: unknown): object {
  return asPlain(value) as object;
}

function asPlain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(asPlain);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([key, field]) => !key.startsWith('$') && field !== undefined);
  return Object.fromEntries(fields.map(([key, field]) => [key, asPlain(field)]));
}
