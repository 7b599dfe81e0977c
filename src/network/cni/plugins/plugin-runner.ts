import { delimiter } from 'node:path';
import { within, type CallContext } from '../../../lib/call-context';
import { whileDoing } from '../../../lib/errors';
import { findPlugin } from './find-plugin';
import type { JsonObject } from '../json';
import type { NetworkConfig, PluginConfig } from '../configuration/network-config';
import { failureOf, parseResult } from './plugin-answer';
import { convertResult, type AddResult } from './result';
import { runPlugin } from './run-plugin';
import { runtimeConfigOf, type Attachment } from '../attachment/attachment';

/** One attachment as plugins are asked about it: where it is, and what ADD has said so far. */
export interface Target {
  readonly attachment: Attachment;
  /** The path of the network namespace; '' when it is gone. */
  readonly netns: string;
  readonly prevResult: AddResult | undefined;
}

/** Runs single plugins, in the environment and with the input that libcni gives them. */
export class PluginRunner {
  /** @param timeoutMs how long one plugin may take, in milliseconds */
  constructor(
    private readonly binDirs: readonly string[],
    private readonly timeoutMs: number,
  ) {}

  async add(ctx: CallContext, network: NetworkConfig, plugin: PluginConfig, target: Target): Promise<AddResult> {
    const { cniVersion } = network;
    return await this.run(ctx, 'ADD', plugin, environmentOf(target), inputOf(network, plugin, target), (stdout) =>
      convertResult(parseResult(stdout, cniVersion), cniVersion),
    );
  }

  async ask(
    ctx: CallContext,
    command: 'DEL' | 'CHECK',
    network: NetworkConfig,
    plugin: PluginConfig,
    target: Target,
  ): Promise<void> {
    await this.run(ctx, command, plugin, environmentOf(target), inputOf(network, plugin, target), () => undefined);
  }

  /** STATUS and GC are about the network and no single attachment. */
  async askNetwork(
    ctx: CallContext,
    command: 'STATUS' | 'GC',
    network: NetworkConfig,
    plugin: PluginConfig,
    fields: JsonObject,
  ): Promise<void> {
    const { name, cniVersion } = network;
    await this.run(ctx, command, plugin, {}, { ...plugin.fields, name, cniVersion, ...fields }, () => undefined);
  }

  /** Every failure names the plugin and the command. */
  private async run<T>(
    ctx: CallContext,
    command: string,
    { type }: PluginConfig,
    environment: NodeJS.ProcessEnv,
    input: JsonObject,
    read: (stdout: string) => T,
  ): Promise<T> {
    const bounded = within(ctx, this.timeoutMs, 'it');
    try {
      const path = await findPlugin(type, this.binDirs);
      const common = { CNI_COMMAND: command, CNI_PATH: this.binDirs.join(delimiter) };
      const env = { ...process.env, ...common, ...environment };
      const exit = await runPlugin(bounded, path, env, JSON.stringify(input));
      if (exit.code !== 0) throw failureOf(exit);
      if (exit.stderr !== '') ctx.log.debug('a CNI plugin says', { plugin: type, command, text: exit.stderr });
      return read(exit.stdout);
    } catch (error) {
      throw whileDoing(`the CNI plugin ${type} failed at ${command}`, error);
    } finally {
      bounded.dispose();
    }
  }
}

function environmentOf({ attachment, netns }: Target): NodeJS.ProcessEnv {
  return {
    CNI_CONTAINERID: attachment.containerId,
    CNI_NETNS: netns,
    CNI_IFNAME: attachment.ifName,
    CNI_ARGS: attachment.args.map((pair) => pair.join('=')).join(';'),
  };
}

function inputOf({ name, cniVersion }: NetworkConfig, plugin: PluginConfig, target: Target): JsonObject {
  const { attachment, prevResult } = target;
  const runtimeConfig = runtimeConfigOf(plugin, attachment);
  return {
    ...plugin.fields,
    name,
    cniVersion,
    ...(prevResult !== undefined && { prevResult }),
    ...(runtimeConfig !== undefined && { runtimeConfig }),
  };
}
