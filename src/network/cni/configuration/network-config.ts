import { ShimError, messageOf } from '../../../lib/errors';
import { isJsonObject, stringsOf, type JsonObject } from '../json';
import { FIRST_VERSION, NEWEST_VERSION, newestOf } from './spec-version';

/** A network as its file configures it: a chain of plugins under one name and version. */
export interface NetworkConfig {
  readonly name: string;
  readonly cniVersion: string;
  readonly disableCheck: boolean;
  readonly disableGc: boolean;
  readonly plugins: readonly PluginConfig[];
  /** What libcni's cache keeps: the text of the list. */
  readonly text: string;
}

export interface PluginConfig {
  /** The name of the executable. */
  readonly type: string;
  /** What the plugin wants to be told at run time: `portMappings`, `bandwidth` … */
  readonly capabilities: readonly string[];
  /** As it stands in the file. */
  readonly fields: JsonObject;
}

/** libcni's rule for network names and container ids: both become part of a file's name. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/**
 * Reads a `.conflist`.
 * @throws ShimError InvalidArgument, saying what is wrong.
 */
export function parseNetworkList(text: string): NetworkConfig {
  const list = parseObject(text);
  const { name, plugins } = list;
  if (typeof name !== 'string' || !NAME.test(name)) throw broken(`its "name" must match ${NAME.source}`);
  if (!Array.isArray(plugins) || plugins.length === 0) throw broken('its "plugins" must be a list that is not empty');
  return {
    name,
    cniVersion: chooseVersion(list),
    disableCheck: isOn(list, 'disableCheck'),
    disableGc: isOn(list, 'disableGC'),
    plugins: plugins.map(parsePlugin),
    text,
  };
}

/**
 * Reads a `.conf` or `.json`, the older form with one plugin, as a list of one.
 * @throws ShimError InvalidArgument, saying what is wrong.
 */
export function parseSinglePlugin(text: string): NetworkConfig {
  const fields = parseObject(text);
  if (!('type' in fields) && 'plugins' in fields) throw broken('it is a list of plugins; rename it to .conflist');
  const { name, cniVersion } = fields;
  return parseNetworkList(JSON.stringify({ name, cniVersion, plugins: [fields] }));
}

function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw broken(`it is no JSON: ${messageOf(error)}`);
  }
  if (!isJsonObject(value)) throw broken('it must be a JSON object');
  return value;
}

function parsePlugin(fields: unknown, index: number): PluginConfig {
  if (!isJsonObject(fields)) throw broken(`plugin ${index + 1} must be a JSON object`);
  const { type, capabilities } = fields;
  // The type is looked for in the directories of plugins and nowhere else.
  if (typeof type !== 'string' || type === '' || type.includes('/')) {
    throw broken(`plugin ${index + 1} needs a "type", the name of its executable`);
  }
  const declared = isJsonObject(capabilities) ? Object.entries(capabilities) : [];
  return { type, capabilities: declared.filter(([, on]) => on === true).map(([capability]) => capability), fields };
}

/** A switch as libcni reads it: off when it is not there, and a string in any case will do. */
function isOn(list: JsonObject, key: string): boolean {
  const value = list[key];
  switch (typeof value === 'string' ? value.toLowerCase() : value) {
    case true:
    case 'true':
      return true;
    case undefined:
    case false:
    case 'false':
      return false;
    default:
      throw broken(`its "${key}" must be true or false, not ${JSON.stringify(value)}`);
  }
}

/** The newest one that both sides know, of `cniVersion` and, since 1.1.0, `cniVersions`. */
function chooseVersion({ cniVersion, cniVersions }: JsonObject): string {
  const stated = [
    ...stringsOf(cniVersions),
    ...(typeof cniVersion === 'string' && cniVersion !== '' ? [cniVersion] : []),
  ];
  const chosen = stated.length === 0 ? FIRST_VERSION : newestOf(stated);
  if (chosen === undefined) {
    throw broken(`its version ${stated.join(', ')} is unknown; the newest that can be used is ${NEWEST_VERSION}`);
  }
  return chosen;
}

function broken(why: string): ShimError {
  return new ShimError('InvalidArgument', why);
}
