/**
 * npm run cri -- <command>: a small CRI client, the one that the tests use, with crictl's words for the most usual calls. It
 * takes crictl's files, deploy/examples has some. The endpoint is --runtime-endpoint's or CONTAINER_RUNTIME_ENDPOINT's.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { COMMANDS } from './lib/cri-commands.mjs';
import { ROOT, checkNode } from './lib/project.mjs';
import { CannotGoOn, runMain } from './lib/report.mjs';

const BUNDLE = path.join(ROOT, 'node_modules/.cache/dockershim-cri.cjs');
const DEFAULT_ENDPOINT = 'unix:///run/dockershim.sock';

/** The tests' client and the generated code, in JavaScript. */
async function bundle() {
  const { build } = await import('esbuild').catch(() => {
    throw new CannotGoOn('The npm packages are not there: run npm ci, or npm start.');
  });
  const modules = ['./test/support/cri-client', './generated/runtime/v1/api'];
  await build({
    stdin: { contents: modules.map((module) => `export * from '${module}';`).join('\n'), resolveDir: ROOT },
    outfile: BUNDLE,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
  return createRequire(import.meta.url)(BUNDLE);
}

/** The endpoint, and what is left of the arguments. */
function endpointIn(args) {
  const flags = ['--runtime-endpoint', '-r'];
  const [first = '', second = ''] = args;
  const [flag, value] = first.split('=', 2);
  if (flags.includes(flag)) {
    return value === undefined ? [second, args.slice(2)] : [value, args.slice(1)];
  }
  return [process.env.CONTAINER_RUNTIME_ENDPOINT ?? DEFAULT_ENDPOINT, args];
}

await runMain(async (args) => {
  checkNode();
  const [endpoint, [name, ...rest]] = endpointIn(args);
  const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
  if (command === undefined) {
    throw new CannotGoOn(`The commands are ${Object.keys(COMMANDS).join(', ')}.`);
  }
  const cri = await bundle();
  const client = new cri.CriClient(endpoint.replace(/^unix:\/\//, ''));
  const methods = { ...cri.RuntimeServiceService, ...cri.ImageServiceService };
  const call = (method, request) => {
    const { path: route } = methods[method];
    const message = cri[`${route.slice(route.lastIndexOf('/') + 1)}Request`];
    return client.call(methods[method], message.fromPartial(request));
  };
  try {
    return (await command({ call, cri }, ...rest)) ?? 0;
  } catch (error) {
    throw error.details === undefined ? error : new CannotGoOn(error.message);
  } finally {
    client.close();
  }
});
