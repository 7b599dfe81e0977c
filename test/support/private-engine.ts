import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerOn, TEST_CGROUP } from './engine-under-test';

/** How often a starting engine is asked whether it answers, in milliseconds. */
const ASK_AGAIN_MS = 100;

/**
 * A Docker Engine that a test may kill, and starts again on the same data root. Its network namespace is its own, so it
 * finds no other engine's bridge; pods on CNI networks are where the shim is.
 */
export class PrivateEngine {
  private readonly directory = mkdtempSync(join(tmpdir(), 'dockershim-engine-'));
  private dockerd: ChildProcess | undefined;

  readonly socket = join(this.directory, 'docker.sock');

  /** @param flags of dockerd, beside those that give it a place of its own */
  constructor(private readonly flags: readonly string[] = []) {}

  /** Starts it, and waits until it answers. */
  async start(): Promise<void> {
    if (this.dockerd === undefined) {
      mkdirSync(join(this.directory, 'engine'));
      execFileSync('mount', ['-t', 'tmpfs', 'dockershim-test', join(this.directory, 'engine')]);
    }
    const of = (name: string): string => join(this.directory, 'engine', name);
    const place = ['--data-root', of('data'), '--exec-root', of('exec'), '--pidfile', of('dockerd.pid')];
    const cgroups = ['--exec-opt', 'native.cgroupdriver=cgroupfs', '--cgroup-parent', TEST_CGROUP];
    const args = [
      '-H',
      `unix://${this.socket}`,
      ...place,
      ...cgroups,
      '--bridge=none',
      '--iptables=false',
      ...this.flags,
    ];
    const log = openSync(this.logFile, 'a');
    // unshare becomes dockerd: it has its process number.
    this.dockerd = spawn('unshare', ['--net', 'dockerd', ...args], { stdio: ['ignore', log, log], detached: true });
    const { dockerd } = this;
    while (!(await this.answers())) {
      if (dockerd.exitCode !== null) throw new Error(`dockerd does not start: ${readFileSync(this.logFile, 'utf8')}`);
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  /** As a crash would: it has no time for anything. Its containers run on until it is started again. */
  kill(): void {
    this.dockerd?.kill('SIGKILL');
  }

  /** It answers nothing, and hangs up on nobody, until `resume`. */
  pause(): void {
    this.dockerd?.kill('SIGSTOP');
  }

  resume(): void {
    this.dockerd?.kill('SIGCONT');
  }

  /** Kills it and starts it again, whether it runs or not. */
  async restart(): Promise<void> {
    this.kill();
    await this.ended();
    rmSync(this.socket, { force: true });
    await this.start();
  }

  /** Ends it, its containers, and all that it has written. */
  async remove(): Promise<void> {
    this.resume();
    this.dockerd?.kill('SIGTERM');
    await this.ended();
    execFileSync('umount', ['--recursive', '--lazy', join(this.directory, 'engine')]);
    rmSync(this.directory, { recursive: true });
  }

  private get logFile(): string {
    return join(this.directory, 'dockerd.log');
  }

  private async answers(): Promise<boolean> {
    return await dockerOn(this.socket, 'version').then(
      () => true,
      () => false,
    );
  }

  private async ended(): Promise<void> {
    const { dockerd } = this;
    if (dockerd !== undefined && dockerd.exitCode === null && dockerd.signalCode === null) await once(dockerd, 'exit');
  }
}
