import { readFile } from 'node:fs/promises';
import { LineCounter, isMap, isScalar, isSeq, parseDocument, type ParsedNode, type YAMLMap } from 'yaml';
import { messageOf, ShimError } from '../lib/errors';
import { OPTIONS, type Option, type OptionName } from './options';
import type { GivenValue } from './settings';

/**
 * Reads a configuration file: YAML, each key the name of an option. It is loaded only when there is a file, since the
 * parser costs memory.
 * @throws ShimError InvalidArgument naming the file, and each line with a key or value that is none.
 */
export async function readConfigFile(path: string): Promise<GivenValue[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ShimError('InvalidArgument', `the configuration file can't be read: ${messageOf(error)}`, error);
  }
  return parseConfigFile(text, path);
}

/** @param path for the sentences */
export function parseConfigFile(text: string, path: string): GivenValue[] {
  const lines = new LineCounter();
  // The schema without types: `5`, `true` and `1m0s` are all text, as on the command line.
  const document = parseDocument(text, { lineCounter: lines, schema: 'failsafe', prettyErrors: false });
  const at = (offset: number): string => `${path}:${lines.linePos(offset).line}`;
  const broken = document.errors.map((error) => `${at(error.pos[0])}: ${firstLine(error.message)}`);
  if (broken.length > 0) throw new ShimError('InvalidArgument', broken.join('; '));
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.source === '')) return [];
  if (!isMap(contents)) throw new ShimError('InvalidArgument', `${at(contents.range[0])}: not \`option: value\` lines`);
  return readMap(contents, at);
}

function readMap(map: YAMLMap.Parsed, at: (offset: number) => string): GivenValue[] {
  const given: GivenValue[] = [];
  const faults: string[] = [];
  for (const { key, value } of map.items) {
    const from = at(key.range[0]);
    const name = isScalar(key) ? String(key.value) : '';
    const option: Option | undefined = OPTIONS.find(({ flag }) => flag === name);
    const values = option && textsOf(value, option);
    if (option === undefined) faults.push(`${from}: there is no option ${JSON.stringify(name)}${likely(name)}`);
    else if (values === undefined) faults.push(`${from}: ${name} takes ${kindOfValue(option)}`);
    else given.push(...values.map((text) => ({ option: option.flag as OptionName, value: text, from })));
  }
  if (faults.length > 0) throw new ShimError('InvalidArgument', faults.join('; '));
  return given;
}

/** The value's texts, or undefined when it isn't of the option's kind. A list is for options that take several. */
function textsOf(value: ParsedNode | null, option: Option): string[] | undefined {
  if (isScalar(value) && typeof value.value === 'string' && !isAbsent(value.source, value.type)) return [value.value];
  if (!isSeq(value) || value.items.length === 0 || !(option.repeatable || option.commas)) return undefined;
  const texts = value.items.flatMap((item) => (isScalar(item) ? [String(item.value)] : []));
  if (texts.length < value.items.length) return undefined;
  return option.commas ? [texts.join(',')] : texts;
}

/** `option:` and nothing after it; an empty text is written with quotes. */
function isAbsent(source: string, type: string | undefined): boolean {
  return source === '' && type === 'PLAIN';
}

function kindOfValue(option: Option): string {
  return option.repeatable || option.commas ? `${option.value}, or a list of several` : `one value, ${option.value}`;
}

/** For names in another spelling, such as the kubelet's `logLevel`. */
function likely(name: string): string {
  const plain = (text: string): string => text.replace(/[-_]/g, '').toLowerCase();
  const meant = OPTIONS.find(({ flag }) => plain(flag) === plain(name));
  return meant === undefined ? '' : `; ${meant.flag} is meant`;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
