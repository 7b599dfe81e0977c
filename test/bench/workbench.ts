import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BareEngine } from './bare-engine';
import { CriClient } from '../support/cri-client';
import { ENGINE_SOCKET, importBusybox } from '../support/engine-under-test';
import { Crowd } from './crowd';
import type { BenchOptions } from './options';
import { processListeningOn } from './listening-process';
import { NAMESPACE_LABEL, type PodKind } from './pod';
import { ShimProcess } from './shim-process';
import { sideBySide } from './side-by-side';

const IMAGE = 'dockershim-bench';
const REMOVALS_AT_ONCE = 4;

/** Another CRI runtime, and its process. */
export interface Peer {
  readonly cri: CriClient;
  readonly pid: number;
}

/** What the subjects measure with: an engine, the shim on it, an image, pods, and perhaps another runtime. */
export class Workbench {
  readonly kind: PodKind;
  readonly crowd: Crowd;
  readonly engine: BareEngine;
  /** The process that serves `engine`. */
  readonly enginePid: number;
  /** The runtime of `--peer`. */
  readonly peer: Peer | undefined;
  private readonly directory = mkdtempSync(path.join(tmpdir(), 'dockershim-bench-'));
  private current: ShimProcess | undefined;

  constructor(
    readonly options: BenchOptions,
    /** Ends the run: every loop of a subject looks at it. */
    readonly signal: AbortSignal,
    /** One line for the person who waits. */
    readonly progress: (sentence: string) => void,
  ) {
    this.engine = new BareEngine(ENGINE_SOCKET);
    this.enginePid = processListeningOn(ENGINE_SOCKET);
    this.peer = options.peer === undefined ? undefined : peerOn(options.peer);
    this.kind = {
      namespace: `${IMAGE}-${process.pid}`,
      image: `${IMAGE}:${process.pid}`,
      logDirectory: path.join(this.directory, 'logs'),
    };
    this.crowd = new Crowd(this.kind, progress);
  }

  async setUp(): Promise<void> {
    // A build meanwhile must not change what a restart starts.
    copyFileSync(this.options.bundle, this.pathOf('dockershim.js'));
    await importBusybox(this.kind.image);
    await this.restartShim();
  }

  get shim(): ShimProcess {
    if (this.current === undefined) throw new Error('the shim does not run');
    return this.current;
  }

  /** Ends the shim, if it runs, and starts it again in the same place. */
  async restartShim(): Promise<ShimProcess> {
    await this.current?.stop();
    this.current = await this.startShim('shim', this.engine.socket, this.options.shimFlags);
    return this.current;
  }

  /** Starts another shim beside, in a place of its own. Its owner stops it. */
  async startShim(name: string, engineSocket: string, flags: readonly string[] = []): Promise<ShimProcess> {
    const directory = this.pathOf(name);
    mkdirSync(directory, { recursive: true });
    return await ShimProcess.start({
      bundle: this.pathOf('dockershim.js'),
      nodeFlags: this.options.nodeFlags,
      directory,
      engineSocket,
      flags,
    });
  }

  /** A path for files or sockets that vanish with the workbench. */
  pathOf(name: string): string {
    return path.join(this.directory, name);
  }

  /** Leaves nothing behind, also after a failure: pods go through the shim, what it does not know goes without it. */
  async tearDown(): Promise<void> {
    const steps = [() => this.crowdLeaves(), () => this.current?.stop(), () => this.sweep()];
    const failures: unknown[] = [];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    this.peer?.cri.close();
    this.engine.close();
    rmSync(this.directory, { recursive: true, force: true });
    if (failures.length > 0) throw new AggregateError(failures, `not all was taken away: ${failures.join('; ')}`);
  }

  private async crowdLeaves(): Promise<void> {
    if (this.current !== undefined) await this.crowd.leave(this.current.cri);
  }

  private async sweep(): Promise<void> {
    const filters = JSON.stringify({ label: [`${NAMESPACE_LABEL}=${this.kind.namespace}`] });
    const query = `all=1&filters=${encodeURIComponent(filters)}`;
    const left = (await this.engine.call('GET', `/containers/json?${query}`)) as { Id: string }[];
    await sideBySide(REMOVALS_AT_ONCE, left, ({ Id: id }) =>
      this.engine.call('DELETE', `/containers/${id}?force=1&v=1`),
    );
    await this.engine.call('DELETE', `/images/${this.kind.image}?force=1`);
  }
}

function peerOn(socket: string): Peer {
  return { cri: new CriClient(socket), pid: processListeningOn(socket) };
}
