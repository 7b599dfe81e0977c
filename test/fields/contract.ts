import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface MessageJson {
  readonly fields: Readonly<Record<string, { readonly type: string }>>;
}
interface ServiceJson {
  readonly methods: Readonly<Record<string, { readonly requestType: string }>>;
}
interface ContractJson {
  readonly nested: {
    readonly runtime: {
      readonly nested: { readonly v1: { readonly nested: Record<string, MessageJson | ServiceJson> } };
    };
  };
}

/** The part of CRI v1 that clients send. */
export interface RequestContract {
  /** Names of request messages, and of the calls that take them, such as `runPodSandbox`. */
  readonly calls: ReadonlyMap<string, string>;
  /** Every message of a request, in the order in which a reader meets them: names of fields and their types. */
  readonly messages: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** @param root of the repository */
export function readRequestContract(root: string): RequestContract {
  const file = JSON.parse(readFileSync(join(root, 'test/contract/runtime.v1.json'), 'utf8')) as ContractJson;
  const declarations = file.nested.runtime.nested.v1.nested;
  const calls = new Map<string, string>();
  const messages = new Map<string, ReadonlyMap<string, string>>();
  const add = (name: string): void => {
    const declaration = declarations[name];
    if (declaration === undefined || !('fields' in declaration) || messages.has(name)) return;
    const fields = Object.entries(declaration.fields).map(([field, { type }]) => [field, type] as const);
    messages.set(name, new Map(fields));
    for (const [, type] of fields) add(type);
  };
  for (const service of Object.values(declarations)) {
    if (!('methods' in service)) continue;
    for (const [call, { requestType }] of Object.entries(service.methods)) {
      calls.set(requestType, call.charAt(0).toLowerCase() + call.slice(1));
      add(requestType);
    }
  }
  return { calls, messages };
}
