import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { DescEnum, DescField, DescFile, DescMessage, DescMethod, MessageShape } from '@bufbuild/protobuf';
import { createFileRegistry, fromBinary, ScalarType, toJson } from '@bufbuild/protobuf';
import { nestedTypes } from '@bufbuild/protobuf/reflect';
import * as wkt from '@bufbuild/protobuf/wkt';
import type { Contract, Enum, Field, Message, Method, Options } from './contract';

const root = resolve(__dirname, '../../..');

/** What the files of the CRI say, by version. */
export function readContractProtos(): Map<string, Contract> {
  return new Map([...compileProtos()].map(([version, file]) => [version, contract(file)]));
}

/** Compiles proto/. Its files of the CRI, by version. @throws Error when they don't compile */
export function compileProtos(): Map<string, DescFile> {
  const buf = resolve(root, 'node_modules/.bin/buf');
  const image = execFileSync(buf, ['build', '--as-file-descriptor-set', '-o', '-#format=binpb'], {
    cwd: root,
    maxBuffer: 16 * 1024 * 1024,
  });
  const registry = createFileRegistry(fromBinary(wkt.FileDescriptorSetSchema, image));
  const files = [...registry.files].filter(({ proto }) => proto.package.startsWith('runtime.'));
  return new Map(files.map((file) => [file.proto.package.replace('runtime.', ''), file]));
}

function contract(file: DescFile): Contract {
  const contract: Contract = {
    package: file.proto.package,
    options: options(wkt.FileOptionsSchema, file.proto.options),
    services: {},
    messages: {},
    enums: {},
  };
  for (const type of nestedTypes(file)) {
    const name = nameInPackage(type);
    if (type.kind === 'service') {
      const methods = Object.fromEntries(type.methods.map((each) => [each.name, method(each)]));
      contract.services[name] = { methods, options: options(wkt.ServiceOptionsSchema, type.proto.options) };
    } else if (type.kind === 'enum') {
      contract.enums[name] = enumeration(type);
    } else if (type.kind === 'message') {
      contract.messages[name] = message(type);
    } else {
      throw new Error(`The CRI has no extensions, but ${file.name} declares ${type.typeName}`);
    }
  }
  return contract;
}

function method({ input, output, methodKind, proto }: DescMethod): Method {
  return {
    request: nameInPackage(input),
    response: nameInPackage(output),
    requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
    responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
    options: options(wkt.MethodOptionsSchema, proto.options),
  };
}

function message({ fields, proto }: DescMessage): Message {
  return {
    fields: Object.fromEntries(fields.map((each) => [each.name, field(each)])),
    // A message's ranges come without their ends, unlike an enum's.
    reserved: [...proto.reservedName, ...proto.reservedRange.map(({ start, end }): [number, number] => [start, end - 1])],
    options: options(wkt.MessageOptionsSchema, proto.options),
  };
}

function field(desc: DescField): Field {
  return {
    number: desc.number,
    label: label(desc),
    type: desc.scalar === undefined ? nameInPackage(desc.message ?? desc.enum) : scalarName(desc.scalar),
    ...(desc.fieldKind === 'map' ? { keyType: scalarName(desc.mapKey) } : {}),
    options: options(wkt.FieldOptionsSchema, desc.proto.options),
  };
}

function label(desc: DescField): Field['label'] {
  if (desc.fieldKind === 'map') return 'map';
  if (desc.fieldKind === 'list') return 'repeated';
  if (desc.oneof) return `oneof ${desc.oneof.name}`;
  return desc.proto.proto3Optional ? 'optional' : 'singular';
}

function enumeration({ values, proto }: DescEnum): Enum {
  return {
    values: Object.fromEntries(values.map(({ name, number }) => [name, number])),
    reserved: [...proto.reservedName, ...proto.reservedRange.map(({ start, end }): [number, number] => [start, end])],
    options: options(wkt.EnumOptionsSchema, proto.options),
  };
}

function options<Schema extends DescMessage>(schema: Schema, set: MessageShape<Schema> | undefined): Options {
  return set ? (toJson(schema, set, { useProtoFieldName: true }) as Options) : {};
}

function nameInPackage({ typeName, file }: { typeName: string; file: DescFile }): string {
  return typeName.slice(`${file.proto.package}.`.length);
}

function scalarName(scalar: ScalarType): string {
  return ScalarType[scalar].toLowerCase();
}
