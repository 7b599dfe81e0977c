import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RuntimeServiceService as runtime, VersionRequest } from '../../generated/runtime/v1/api';
import { BUILT_IN_PAUSE_IMAGE } from '../../src/sandbox/pause/image-archive';
import { CriClient } from '../support/cri-client';

const START_MS = 30_000;
const LISTEN_POLL_MS = 1;

export interface ShimPlace {
  readonly bundle: string;
  readonly nodeFlags: readonly string[];
  /** Of its own: its socket, root directory and log are made there. */
  readonly directory: string;
  readonly engineSocket: string;
  /** Beside those that every shim has. */
  readonly flags: readonly string[];
}

/** The real daemon as a process of its own, and a client of it. */
export class ShimProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly cri: CriClient,
    private readonly logFile: string,
    /** From the start of the process to the answer to its first call, in milliseconds. */
    readonly firstAnswerMs: number,
  ) {}

  /** Starts it and waits for its first answer. */
  static async start(place: ShimPlace): Promise<ShimProcess> {
    const socket = path.join(place.directory, 'cri.sock');
    const logFile = path.join(place.directory, 'shim.log');
    const flags = [
      ['--container-runtime-endpoint', `unix://${socket}`],
      ['--docker-endpoint', `unix://${place.engineSocket}`],
      ['--root-directory', path.join(place.directory, 'root')],
      ['--cri-dockerd-root-directory', path.join(place.directory, 'cri-dockerd')],
      ['--cni-cache-dir', path.join(place.directory, 'cni-cache')],
      // No registry takes part.
      ['--pod-infra-container-image', BUILT_IN_PAUSE_IMAGE],
      ['--network-plugin', 'bridge'],
      ...place.flags,
    ].flat();
    const log = openSync(logFile, 'a');
    const began = performance.now();
    const args = [...place.nodeFlags, place.bundle, 'serve', ...flags];
    const child = spawn(process.execPath, args, { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    await untilItListens(child, socket, logFile);
    const cri = new CriClient(socket);
    await cri.call(runtime.version, VersionRequest.fromPartial({}));
    return new ShimProcess(child, cri, logFile, performance.now() - began);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** What it wrote to its log. */
  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** Ends it and waits until it is gone. Its pods go on. */
  async stop(): Promise<void> {
    this.cri.close();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }
}

async function untilItListens(child: ChildProcess, socket: string, logFile: string): Promise<void> {
  const giveUp = performance.now() + START_MS;
  while (!(await listens(socket))) {
    if (child.exitCode !== null || performance.now() > giveUp) {
      child.kill('SIGKILL');
      throw new Error(`the shim did not start:\n${readFileSync(logFile, 'utf8')}`);
    }
    await sleep(LISTEN_POLL_MS);
  }
}

function listens(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const attempt = connect(socket, () => {
      attempt.destroy();
      resolve(true);
    });
    attempt.once('error', () => resolve(false));
  });
}
