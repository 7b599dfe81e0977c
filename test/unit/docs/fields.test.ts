import { join } from 'node:path';
import { readRequestContract } from '../../fields/contract';
import type { Example, Field } from '../../fields/field';
import { FIELDS } from '../../fields/table';
import { translate } from '../../fields/translation';
import { ShimError } from '../../../src/lib/errors';

const ROOT = join(__dirname, '../../..');
const { calls, messages } = readRequestContract(ROOT);

function namesOf(contract: ReadonlyMap<string, ReadonlyMap<string, string>>): string[] {
  return [...contract].flatMap(([message, fields]) => [...fields.keys()].map((field) => `${message}.${field}`));
}

function rows(): { name: string; message: string; field: string; row: Field }[] {
  return Object.entries(FIELDS).flatMap(([message, fields]) =>
    Object.entries(fields).map(([field, row]) => ({ name: `${message}.${field}`, message, field, row })),
  );
}

it('every field of every request has a row, and no row is of a field that is not there', () => {
  expect(
    rows()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(namesOf(messages).sort());
});

/** The translator's side of the contract: what is below these requests is tried, the rest is other tests' affair. */
const TRIED = new Set([
  'RunPodSandboxRequest',
  'CreateContainerRequest',
  'UpdateContainerResourcesRequest',
  'PullImageRequest',
]);

it('what can be tried is', () => {
  const reached = new Set<string>();
  const reach = (message: string): void => {
    if (reached.has(message) || !messages.has(message)) return;
    reached.add(message);
    for (const type of messages.get(message)?.values() ?? []) reach(type);
  };
  TRIED.forEach(reach);
  const untried = rows().filter(
    ({ message, row }) =>
      reached.has(message) && row.examples.length === 0 && row.what !== 'nothing to do' && row.what !== 'for Windows',
  );
  expect(untried.map(({ name }) => name)).toEqual([
    // The lists of mappings are refused, whatever is in them.
    'IDMapping.host_id',
    'IDMapping.container_id',
    'IDMapping.length',
    // Which sandbox or container it is, is not the translator's to say.
    'CreateContainerRequest.pod_sandbox_id',
    'UpdateContainerResourcesRequest.container_id',
  ]);
  expect([...TRIED].every((request) => calls.has(request))).toBe(true);
});

const tried = rows().flatMap(({ name, message, field, row }) =>
  row.examples.map((example, index) => ({ title: `${name} ${index + 1}`, message, field, row, example })),
);

describe('each example', () => {
  it.each(tried)('$title', async ({ message, field, row, example }) => {
    const bare = without(example.given, example.request, message, field);
    const [outcome, outcomeWithout] = [await outcomeOf(example, example.given), await outcomeOf(example, bare)];

    // It sets the field, and it is the field that makes the difference.
    expect(JSON.stringify(bare, asText)).not.toBe(JSON.stringify(example.given, asText));
    expect(outcome).not.toBe(outcomeWithout);
    if (example.refusal !== undefined) expect(outcome).toBe(example.refusal);
    else {
      expect(outcome).toMatch(/^[{[]/);
      expect(row.what).toBe('carried out');
    }
  });
});

async function outcomeOf({ request }: Example, given: object): Promise<string> {
  try {
    return JSON.stringify(await translate(request, given), asText);
  } catch (error) {
    if (!(error instanceof ShimError)) throw error;
    return `${error.kind}: ${error.message}`;
  }
}

function asText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

/** The request with the field left out wherever its message is. */
function without(given: unknown, type: string, message: string, field: string): object {
  const fields = messages.get(type);
  if (Array.isArray(given)) return given.map((item) => without(item, type, message, field));
  if (fields === undefined || typeof given !== 'object' || given === null) return given as object;
  const names = new Map([...fields].map(([name, of]) => [inTypeScript(name), { name, of }]));
  const kept = Object.entries(given).filter(([key]) => type !== message || names.get(key)?.name !== field);
  return Object.fromEntries(
    kept.map(([key, value]) => [key, without(value, names.get(key)?.of ?? '', message, field)] as const),
  );
}

/** ts-proto's spelling. */
function inTypeScript(name: string): string {
  return name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
