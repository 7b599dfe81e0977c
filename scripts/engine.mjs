/** npm run engine: the engine tests alone. Arguments go to jest. */
import { runEngineTests } from './lib/jest.mjs';
import { runMain } from './lib/report.mjs';

await runMain(async (args) => ((await runEngineTests(args)).ok ? 0 : 1));
