import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What one run of a scripted plugin was given. */
export interface PluginRun {
  readonly plugin: string;
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Plugins that are shell scripts: each writes down what it was given, and then does what the test says. */
export class ScriptedPlugins {
  constructor(readonly directory: string) {
    mkdirSync(directory, { recursive: true });
  }

  /** @param script what the plugin does; `$CNI_COMMAND` and `$input` are there */
  add(type: string, script: string): void {
    const file = path.join(this.directory, type);
    const note = [
      'input=$(cat)',
      `{ printf '%s\\t%s\\t' '${type}' "$CNI_COMMAND"`,
      `env | grep ^CNI_ | tr '\\n' '\\036'; printf '\\t%s' "$input" | tr -d '\\n'; echo; } > '${this.log}'.$$`,
      // In one piece: others may be at it.
      `cat '${this.log}'.$$ >> '${this.log}'; rm '${this.log}'.$$`,
    ];
    writeFileSync(file, ['#!/bin/sh', ...note, script, ''].join('\n'));
    chmodSync(file, 0o755);
  }

  /** All runs so far, in order. */
  runs(): PluginRun[] {
    if (!existsSync(this.log)) return [];
    // What comes after the last line feed is still being written.
    const lines = readFileSync(this.log, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => {
      const [plugin = '', command = '', environment = '', input = ''] = line.split('\t');
      const pairs = environment.split('\x1e').filter((pair) => pair !== '');
      const named = pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const);
      return {
        plugin,
        command,
        environment: Object.fromEntries(named),
        input: JSON.parse(input) as PluginRun['input'],
      };
    });
  }

  /** The same, as `plugin COMMAND`. */
  story(): string[] {
    return this.runs().map(({ plugin, command }) => `${plugin} ${command}`);
  }

  private get log(): string {
    return path.join(this.directory, '.runs');
  }
}

/** A script that answers ADD with a result, and the other commands with success. */
export function answering(result: unknown): string {
  return `[ "$CNI_COMMAND" = ADD ] && printf '%s' '${JSON.stringify(result)}'; exit 0`;
}
