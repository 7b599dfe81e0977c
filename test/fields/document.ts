import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRequestContract } from './contract';
import type { Field } from './field';
import { FIELDS } from './table';

const OPENING = `# Every field of CRI

What the shim does with each field of every request of CRI v1. \`npm run reference\` makes this page of \`test/fields\`, and
\`test/unit/docs/fields.test.ts\` compares it with the contract and with what the translator says: that a field that is
carried out changes what Docker is asked for, and that a refusal has these very words.

- **carried out**: how, in the words of Docker's API where they stand in code type. What a field can say that is refused all
  the same stands below it, with an example's words.
- **refused**: no request that sets it is carried out.
- **nothing to do**: there is nothing on Docker or Linux that it could change.
- **for Windows**: the message that it is in is refused.

A refusal is InvalidArgument for what can't be right anywhere, and Unimplemented for what this engine, host or version
can't do.
`;

/** The text of docs/fields.md. @param root of the repository */
export function fieldDocument(root: string): string {
  const { calls, messages } = readRequestContract(root);
  const verbs = readFileSync(join(root, 'src/cri/verbs.ts'), 'utf8');
  const sections = [...messages].flatMap(([message, fields]) => {
    if (fields.size === 0) return [];
    const call = calls.get(message);
    const isBuilt = call === undefined || new RegExp(`\\b${call}\\b`).test(verbs);
    const rows = [...fields.keys()].map((name) => row(name, isBuilt ? FIELDS[message]?.[name] : NOT_BUILT));
    return [`## ${message}\n\n| field | | |\n|---|---|---|\n${rows.join('\n')}\n`];
  });
  return [OPENING, ...sections].join('\n');
}

const NOT_BUILT: Field = { what: 'refused', how: 'Unimplemented: the whole call is.', examples: [] };

function row(name: string, field: Field | undefined): string {
  if (field === undefined) return `| \`${name}\` | | |`;
  const refusals = field.examples.flatMap(({ refusal }) => (refusal === undefined ? [] : [`\`${inCell(refusal)}\``]));
  return `| \`${name}\` | ${field.what} | ${[field.how, ...refusals].filter((part) => part !== '').join('<br>')} |`;
}

/** As a cell of a table takes it. */
function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
