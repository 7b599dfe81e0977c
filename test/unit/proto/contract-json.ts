import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Contract, Enum, Field, Message, Method, Options, Reserved, Service } from './contract';

type Named<T> = Record<string, T>;

/** The form of test/contract/*.json, which is that of protobuf.js' reflection. */
interface JsonField {
  id: number;
  type: string;
  keyType?: string;
  rule?: 'repeated' | 'optional';
  options?: Options;
}
interface JsonMethod {
  requestType: string;
  responseType: string;
  requestStream?: boolean;
  responseStream?: boolean;
  options?: Options;
}
interface JsonMessage {
  fields: Named<JsonField>;
  nested?: Named<JsonDeclaration>;
  reserved?: Reserved[];
  options?: Options;
}
type JsonEnum = { values: Named<number>; reserved?: Reserved[]; options?: Options };
type JsonService = { methods: Named<JsonMethod>; options?: Options };
type JsonDeclaration = JsonMessage | JsonEnum | JsonService;
type JsonNamespace = { options?: Options; nested: Named<JsonDeclaration> };
type JsonFile = { nested: { runtime: { nested: Named<JsonNamespace> } } };

/** Reads the interface as it's given, from test/contract. */
export function readContractJson(version: string): Contract {
  const path = resolve(__dirname, `../../contract/runtime.${version}.json`);
  const file = JSON.parse(readFileSync(path, 'utf8')) as JsonFile;
  const namespace = file.nested.runtime.nested[version];
  if (!namespace) throw new Error(`${path} has no package runtime.${version}`);
  const contract: Contract = {
    package: `runtime.${version}`,
    options: namespace.options ?? {},
    services: {},
    messages: {},
    enums: {},
  };
  addDeclarations(contract, namespace.nested, '');
  return contract;
}

function addDeclarations(contract: Contract, declarations: Named<JsonDeclaration>, scope: string): void {
  for (const [name, declaration] of Object.entries(declarations)) {
    const fullName = scope + name;
    if ('methods' in declaration) {
      contract.services[fullName] = service(declaration);
    } else if ('values' in declaration) {
      contract.enums[fullName] = enumeration(declaration);
    } else {
      contract.messages[fullName] = message(declaration, `${fullName}.`);
      addDeclarations(contract, declaration.nested ?? {}, `${fullName}.`);
    }
  }
}

function service({ methods, options = {} }: JsonService): Service {
  return { methods: mapValues(methods, method), options };
}

function method(json: JsonMethod): Method {
  return {
    request: json.requestType,
    response: json.responseType,
    requestStream: json.requestStream ?? false,
    responseStream: json.responseStream ?? false,
    options: json.options ?? {},
  };
}

function message({ fields, nested = {}, reserved = [], options = {} }: JsonMessage, scope: string): Message {
  const fullName = (type: string) => (type in nested ? scope + type : type);
  return { fields: mapValues(fields, (json) => field(json, fullName(json.type))), reserved, options };
}

function field({ id, keyType, rule, options = {} }: JsonField, type: string): Field {
  if (keyType !== undefined) return { number: id, label: 'map', type, keyType, options };
  return { number: id, label: rule ?? 'singular', type, options };
}

function enumeration({ values, reserved = [], options = {} }: JsonEnum): Enum {
  return { values, reserved, options };
}

function mapValues<A, B>(record: Named<A>, map: (value: A) => B): Named<B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
