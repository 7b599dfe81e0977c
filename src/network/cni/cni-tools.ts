import type { PluginRunner } from './plugins/plugin-runner';
import type { ResultCache } from './result-cache';

/** What pods are attached, taken off and checked with. */
export interface CniTools {
  readonly plugins: PluginRunner;
  readonly cache: ResultCache;
}
