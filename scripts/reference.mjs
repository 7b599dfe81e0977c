/** npm run reference: writes what is made of the tables of commands, options and fields. --check only says what is stale. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { configurationDoc } from './lib/configuration-doc.mjs';
import { manPage } from './lib/man-page.mjs';
import { ROOT } from './lib/project.mjs';
import { CannotGoOn, runMain, say } from './lib/report.mjs';
import { loadTables } from './lib/tables.mjs';

const MADE = {
  'deploy/man/dockershim.8': manPage,
  'docs/configuration.md': configurationDoc,
  'docs/fields.md': ({ fieldDocument }) => fieldDocument(ROOT),
  'docs/metrics.md': ({ metricsDocument }) => metricsDocument(),
};

function current(file) {
  try {
    return readFileSync(path.join(ROOT, file), 'utf8');
  } catch {
    return undefined;
  }
}

await runMain(async (args) => {
  const tables = await loadTables();
  const stale = Object.entries(MADE)
    .map(([file, make]) => [file, make(tables)])
    .filter(([file, text]) => current(file) !== text);
  if (args.includes('--check') && stale.length > 0) {
    throw new CannotGoOn(`${stale.map(([file]) => file).join(' and ')}: stale; npm run reference makes them anew.`);
  }
  for (const [file, text] of stale) {
    mkdirSync(path.dirname(path.join(ROOT, file)), { recursive: true });
    writeFileSync(path.join(ROOT, file), text);
    say(`wrote ${file}`);
  }
  return 0;
});
