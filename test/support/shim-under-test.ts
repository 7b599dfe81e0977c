import type { MethodDefinition } from '@grpc/grpc-js';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp, type App } from '../../src/app';
import { silentLog } from '../../src/lib/log';
import { BUILT_IN_PAUSE_IMAGE } from '../../src/sandbox/pause/image-archive';
import { createLog } from '../../src/telemetry/log';
import { CriClient, type CallOptions } from './cri-client';
import { docker, ENGINE_SOCKET } from './engine-under-test';
import { readConfig } from './read-config';

/** Set to see what the shim writes into its log. */
const LOG = process.env['DOCKERSHIM_TEST_LOG'] ? createLog({ level: 'debug', format: 'text' }) : silentLog;

/** The bundle's: this process is jest. */
const CONNECTOR_COMMAND = [process.execPath, join(__dirname, '../../dist/dockershim.js'), 'netns-connector'];

/**
 * The shim in this process, on a socket and a root directory of its own, and a client of it. All that a test makes has
 * the run's name in its own, so that it is found and taken away again whatever becomes of the test.
 */
export class ShimUnderTest {
  private constructor(
    /** In the names of containers, as their pods' namespace, and of images. */
    readonly runName: string,
    readonly directory: string,
    readonly flags: readonly string[],
    private app: App,
    readonly client: CriClient,
  ) {}

  /** @param flags of `dockershim serve`, beside or instead of those that every test has */
  static async start(...flags: string[]): Promise<ShimUnderTest> {
    const runName = `dockershim-test-${process.pid}-${randomBytes(3).toString('hex')}`;
    const directory = await mkdtemp(join(tmpdir(), `${runName}-`));
    const own = [
      `--container-runtime-endpoint=unix://${directory}/cri.sock`,
      `--docker-endpoint=unix://${ENGINE_SOCKET}`,
      `--root-directory=${directory}/root`,
      `--cri-dockerd-root-directory=${directory}/cri-dockerd`,
      `--cni-cache-dir=${directory}/cni-cache`,
      `--pod-infra-container-image=${BUILT_IN_PAUSE_IMAGE}`,
      '--network-plugin=bridge',
      '--shutdown-grace=5s',
    ];
    const app = await startApp([...own, ...flags]);
    return new ShimUnderTest(runName, directory, [...own, ...flags], app, new CriClient(`${directory}/cri.sock`));
  }

  /** Where the shim keeps what survives a restart. */
  get rootDirectory(): string {
    return join(this.directory, 'root');
  }

  get checkpointDirectory(): string {
    return join(this.directory, 'cri-dockerd/sandbox');
  }

  get socketPath(): string {
    return join(this.directory, 'cri.sock');
  }

  call<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    options?: CallOptions,
  ): Promise<Response> {
    return this.client.call(method, request, options);
  }

  /** Ends the shim and starts another one in its place. Pods go on. */
  async restart(between: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.app.stop();
    await between();
    this.app = await startApp(this.flags);
  }

  /** Ends the shim, and removes every container, image and file of this run. */
  async stop(): Promise<void> {
    this.client.close();
    await this.app.stop();
    const containers = await docker('container', 'ls', '--all', '--quiet', '--filter', `name=${this.runName}`);
    if (containers !== '') await docker('container', 'rm', '--force', '--volumes', ...containers.split('\n'));
    // By name: an image may have other names, which are not this run's.
    const named = ['--filter', `reference=${this.runName}/*`, '--format', '{{.Repository}}:{{.Tag}}'];
    const images = await docker('image', 'ls', ...named);
    if (images !== '') await docker('image', 'rm', '--force', ...images.split('\n'));
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function startApp(flags: readonly string[]): Promise<App> {
  const app = await createApp(readConfig(flags), CONNECTOR_COMMAND, LOG);
  await app.start();
  return app;
}
