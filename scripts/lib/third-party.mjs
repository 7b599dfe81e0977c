import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The directory in node_modules of the package that a bundled file is from, or undefined for a file of our own. */
function packageDirectory(file) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

function notice(directory) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
  const texts = readdirSync(directory).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const title = `${name} ${version} (${license})`;
  return [
    title,
    '='.repeat(title.length),
    ...texts.map((file) => readFileSync(path.join(directory, file), 'utf8')),
  ].join('\n');
}

/** The names, versions and licences of the packages that are in the bundle, from esbuild's metafile. */
export function thirdPartyNotices(metafile, root) {
  const directories = new Set(Object.keys(metafile.inputs).map(packageDirectory).filter(Boolean));
  return [...directories]
    .sort()
    .map((directory) => notice(path.join(root, directory)))
    .join('\n\n');
}
