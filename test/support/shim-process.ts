import { buildSync } from 'esbuild';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SandboxStep } from '../../src/sandbox/steps';

const ROOT = join(__dirname, '../..');

/** Bundles the daemon into one file, much as the build does. */
export function bundleShim(outfile: string): void {
  buildSync({
    entryPoints: [join(ROOT, 'src/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    alias: { 'docker-modem': join(ROOT, 'src/docker/modem.ts') },
    logLevel: 'error',
  });
}

/** The daemon as a process of its own, which may be killed. */
export class ShimProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly log: string[],
  ) {}

  /** Returns when it serves. @param dieAt the step at which it kills itself */
  static async start(bundle: string, flags: readonly string[], dieAt?: SandboxStep): Promise<ShimProcess> {
    const env = { ...process.env, ...(dieAt !== undefined && { DOCKERSHIM_DIE_AT: dieAt }) };
    const child = spawn(process.execPath, [bundle, 'serve', ...flags], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const log: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (part: string) => log.push(part));
    while (!log.join('').includes('serving CRI')) {
      if (child.exitCode !== null) throw new Error(`the shim does not serve: ${log.join('')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return new ShimProcess(child, log);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** What it has written into its log. */
  get said(): string {
    return this.log.join('');
  }

  /** The signal that has ended it, once one has. */
  async died(): Promise<NodeJS.Signals | null> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.signalCode;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.died();
  }
}
