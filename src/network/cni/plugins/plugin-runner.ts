import { delimiter } from 'node:path';
import { withLimit, type CallContext } from '../../../lib/call-context';
import { whileDoing } from '../../../lib/errors';
import { untilEnded } from '../../../lib/until-ended';
import type { Attachment } from '../attachment/attachment';
import type { NetworkConfig, PluginConfig } from '../configuration/network-config';
import type { HeldNamespace } from '../held-namespaces';
import type { JsonObject } from '../json';
import { findPlugin } from './find-plugin';
import { failureOf, parseResult } from './plugin-answer';
import { convertResult, type AddResult } from './result';
import { runPlugin } from './run-plugin';

/** One attachment as plugins are asked about it: where it is, and what ADD has said so far. */
export interface Target {
  readonly attachment: Attachment;
  /** The path of the network namespace; '' when it is gone. */
  readonly netns: string;
  /** Set when `netns` is of a namespace that this process holds: its pause container may have ended. */
  readonly held?: HeldNamespace | undefined;
  readonly prevResult: AddResult | undefined;
}

/** What one start of a plugin is given. */
interface Question {
  readonly command: 'ADD' | 'DEL' | 'CHECK' | 'STATUS' | 'GC';
  /** The name of the executable. */
  readonly type: string;
  /** Beside what every question has. */
  readonly environment: NodeJS.ProcessEnv;
  readonly input: JsonObject;
}

/**
 * Runs single plugins, in the environment and with the input that libcni gives them: a method for each command of the
 * specification. Every failure names the plugin and the command.
 */
export class PluginRunner {
  private readonly lookUps = new Map<string, Promise<string>>();

  /** @param timeoutMs how long one plugin may take, in milliseconds */
  constructor(
    private readonly binDirs: readonly string[],
    private readonly timeoutMs: number,
  ) {}

  async add(ctx: CallContext, network: NetworkConfig, plugin: PluginConfig, target: Target): Promise<AddResult> {
    const { cniVersion } = network;
    return await this.run(ctx, aboutPod('ADD', network, plugin, target), (stdout) =>
      convertResult(parseResult(stdout, cniVersion), cniVersion),
    );
  }

  async del(ctx: CallContext, network: NetworkConfig, plugin: PluginConfig, target: Target): Promise<void> {
    await this.run(ctx, aboutPod('DEL', network, plugin, target), () => undefined);
  }

  async check(ctx: CallContext, network: NetworkConfig, plugin: PluginConfig, target: Target): Promise<void> {
    await this.run(ctx, aboutPod('CHECK', network, plugin, target), () => undefined);
  }

  async status(ctx: CallContext, network: NetworkConfig, plugin: PluginConfig): Promise<void> {
    await this.run(ctx, aboutNetwork('STATUS', network, plugin, {}), () => undefined);
  }

  /** @param valid the fields that say which attachments are to stay */
  async gc(ctx: CallContext, network: NetworkConfig, plugin: PluginConfig, valid: JsonObject): Promise<void> {
    await this.run(ctx, aboutNetwork('GC', network, plugin, valid), () => undefined);
  }

  /** On a file system that hangs one look-up does, and not one for each pod: each keeps a thread for as long. */
  private async find(ctx: CallContext, type: string): Promise<string> {
    const underWay = this.lookUps.get(type) ?? findPlugin(type, this.binDirs).finally(() => this.lookUps.delete(type));
    this.lookUps.set(type, underWay);
    return await untilEnded(ctx, underWay);
  }

  private async run<T>(ctx: CallContext, question: Question, read: (stdout: string) => T): Promise<T> {
    const { command, type, environment, input } = question;
    try {
      const common = { CNI_COMMAND: command, CNI_PATH: this.binDirs.join(delimiter) };
      const env = { ...process.env, ...common, ...environment };
      const exit = await withLimit(ctx, this.timeoutMs, 'it', async (bounded) =>
        runPlugin(bounded, await this.find(bounded, type), env, JSON.stringify(input)),
      );
      if (exit.code !== 0) throw failureOf(exit);
      if (exit.stderr !== '') ctx.log.debug('a CNI plugin says', { plugin: type, command, text: exit.stderr });
      return read(exit.stdout);
    } catch (error) {
      throw whileDoing(`the CNI plugin ${type} failed at ${command}`, error);
    }
  }
}

function aboutPod(
  command: 'ADD' | 'DEL' | 'CHECK',
  { name, cniVersion }: NetworkConfig,
  plugin: PluginConfig,
  { attachment, netns, prevResult }: Target,
): Question {
  const runtimeConfig = runtimeConfigOf(plugin, attachment);
  return {
    command,
    type: plugin.type,
    environment: {
      CNI_CONTAINERID: attachment.containerId,
      CNI_NETNS: netns,
      CNI_IFNAME: attachment.ifName,
      CNI_ARGS: attachment.args.map((pair) => pair.join('=')).join(';'),
    },
    input: {
      ...plugin.fields,
      name,
      cniVersion,
      ...(prevResult !== undefined && { prevResult }),
      ...(runtimeConfig !== undefined && { runtimeConfig }),
    },
  };
}

/** STATUS and GC are about the network and no single attachment. */
function aboutNetwork(
  command: 'STATUS' | 'GC',
  { name, cniVersion }: NetworkConfig,
  plugin: PluginConfig,
  fields: JsonObject,
): Question {
  return { command, type: plugin.type, environment: {}, input: { ...plugin.fields, name, cniVersion, ...fields } };
}

/** `runtimeConfig` of one plugin: what it declares and the runtime has; undefined when that is nothing. */
function runtimeConfigOf(plugin: PluginConfig, { capabilityArgs }: Attachment): JsonObject | undefined {
  const known = plugin.capabilities.filter((capability) => capability in capabilityArgs);
  if (known.length === 0) return undefined;
  return Object.fromEntries(known.map((capability) => [capability, capabilityArgs[capability]]));
}
