import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './project.mjs';
import { CannotGoOn } from './report.mjs';

const CONTRACT = path.join(ROOT, 'test/contract/runtime.v1.json');
const types = JSON.parse(readFileSync(CONTRACT, 'utf8')).nested.runtime.nested.v1.nested;

/** As ts-proto names fields: log_directory → logDirectory, CDI_devices → CDIDevices. */
const camelCase = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/**
 * A CRI message from JSON as crictl's files have it (the contract's own field names, enums as numbers), with the
 * names and types of the generated code.
 * @throws CannotGoOn naming the field that the message does not have
 */
export function fromJson(type, json, place = type) {
  const { fields } = types[type];
  return Object.fromEntries(
    Object.entries(json ?? {}).map(([name, value]) => {
      const field = fields[name];
      if (field === undefined) {
        throw new CannotGoOn(`${place} has no field ${name}: it has ${Object.keys(fields).join(', ')}.`);
      }
      const one = (item) => fieldValue(field.type, item, `${place}.${name}`);
      return [camelCase(name), field.rule === 'repeated' ? value.map(one) : one(value)];
    }),
  );
}

function fieldValue(type, value, place) {
  // The values of environment variables: text in crictl's files.
  if (type === 'bytes') {
    return Buffer.from(value);
  }
  if (/^u?int64$/.test(type)) {
    return BigInt(value);
  }
  return types[type]?.fields === undefined ? value : fromJson(type, value, place);
}
