import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { BareNetwork } from './bare-life';
import { timed } from './figures';

type Json = Readonly<Record<string, unknown>>;

/** A network of CNI plugins that are run with nothing around them: what the shim is compared with. */
export class BarePlugins implements BareNetwork {
  /** How long the plugins of each ADD took together, in milliseconds. */
  readonly addTimes: number[] = [];
  private readonly results = new Map<string, Json>();

  constructor(
    private readonly binDir: string,
    private readonly list: { readonly name: string; readonly cniVersion: string; readonly plugins: readonly Json[] },
  ) {}

  async attach(sandboxId: string, pid: number): Promise<void> {
    let prevResult: Json | undefined;
    const ms = await timed(async () => {
      for (const plugin of this.list.plugins) {
        prevResult = JSON.parse(await this.run('ADD', plugin, sandboxId, pid, prevResult)) as Json;
      }
    });
    this.addTimes.push(ms);
    if (prevResult !== undefined) this.results.set(sandboxId, prevResult);
  }

  async detach(sandboxId: string, pid: number): Promise<void> {
    const result = this.results.get(sandboxId);
    this.results.delete(sandboxId);
    for (const plugin of this.list.plugins.toReversed()) await this.run('DEL', plugin, sandboxId, pid, result);
  }

  private async run(command: string, plugin: Json, id: string, pid: number, prevResult?: Json): Promise<string> {
    const env = {
      ...process.env,
      CNI_COMMAND: command,
      CNI_CONTAINERID: id,
      CNI_NETNS: `/proc/${pid}/ns/net`,
      CNI_IFNAME: 'eth0',
      CNI_PATH: this.binDir,
      CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=bare;K8S_POD_INFRA_CONTAINER_ID=${id}`,
    };
    const { name, cniVersion } = this.list;
    const child = spawn(`${this.binDir}/${String(plugin.type)}`, [], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    child.stdin.end(JSON.stringify({ ...plugin, name, cniVersion, runtimeConfig: { portMappings: [] }, prevResult }));
    const [answer] = await Promise.all([text(child.stdout), ended]);
    if (child.exitCode !== 0) throw new Error(`${String(plugin.type)} failed at ${command}: ${answer}`);
    return answer;
  }
}
