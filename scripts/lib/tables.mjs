import esbuild from 'esbuild';
import { ROOT } from './project.mjs';

const TABLES = `
  export { COMMANDS } from './src/cli/commands';
  export { meaningOf } from './src/cli/help';
  export { CRI_DOCKERD_FLAGS } from './src/config/cri-dockerd-flags';
  export { DEFAULT_CONFIG_FILE } from './src/config/load';
  export { OPTIONS } from './src/config/options';
  export { fieldDocument } from './test/fields/document';
  export { metricsDocument } from './test/metrics/document';
  export { version } from './package.json';
`;

/** The program's own tables of commands and options, as they are in the sources, and what becomes of CRI's fields. */
export async function loadTables() {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: TABLES, resolveDir: ROOT },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    // The parser of configuration files is loaded only where there is one.
    external: ['yaml'],
    logLevel: 'warning',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
