import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { PortForwardRequest, RuntimeServiceService as runtime } from '../../generated/runtime/v1/api';
import { NetnsConnector } from '../../src/host/netns/connector';
import { silentLog } from '../../src/lib/log';
import { encodeDataHead } from '../../src/streaming/spdy/frame-encoder';
import type { CriClient } from '../support/cri-client';
import { PortForwardClient } from '../support/port-forward-client';

const PART = 32 * 1024;

/** A way to connect to ports of one pod. */
export interface WayIn {
  /** Makes a connection, and waits for the pod's greeting. What it answers ends the connection. */
  greeted(port: number): Promise<() => Promise<unknown>>;
  /** Makes a connection, reads so many bytes and leaves. */
  download(port: number, bytes: number): Promise<void>;
  /** Makes a connection, sends so many bytes and their end, and waits for the pod's answer to that. */
  upload(port: number, bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** The shim's own way, without a client: sockets from a process in the pod's network namespace. */
export async function throughConnector(pid: number, bundle: string): Promise<WayIn> {
  const connector = await NetnsConnector.open(pid, [process.execPath, bundle, 'netns-connector']);
  const ctx = { signal: new AbortController().signal, log: silentLog };
  const connect = (port: number) => connector.connect(ctx, ['127.0.0.1', '::1'], port);
  return {
    async greeted(port) {
      const socket = await connect(port);
      await once(socket, 'data');
      return () => once(socket.destroy(), 'close');
    },
    async download(port, bytes) {
      const socket = await connect(port);
      await drained(socket, bytes);
      socket.destroy();
    },
    async upload(port, bytes) {
      const socket = await connect(port);
      await filled(socket, Buffer.alloc(PART), bytes / PART);
      socket.end();
      await once(socket, 'data');
      socket.destroy();
    },
    close: () => connector.close(),
  };
}

/** As cri-dockerd does it. */
export function throughSocat(pid: number): WayIn {
  const connect = (port: number): ChildProcess & { stdin: Writable; stdout: Readable } =>
    spawn('nsenter', ['-t', `${pid}`, '-n', 'socat', '-', `TCP4:localhost:${port}`], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  return {
    async greeted(port) {
      const child = connect(port);
      await once(child.stdout, 'data');
      return async () => {
        child.kill('SIGKILL');
        await once(child, 'close');
      };
    },
    async download(port, bytes) {
      const child = connect(port);
      await drained(child.stdout, bytes);
      child.kill('SIGKILL');
    },
    async upload(port, bytes) {
      const child = connect(port);
      await filled(child.stdin, Buffer.alloc(PART), bytes / PART);
      child.stdin.end();
      await once(child.stdout, 'data');
    },
    close: () => Promise.resolve(),
  };
}

/** The whole of a runtime, with its streaming server. One client makes all the connections that are timed for themselves; each transfer has its own. */
export async function throughRuntime(cri: CriClient, podSandboxId: string): Promise<WayIn> {
  const connect = async (): Promise<PortForwardClient> => {
    const { url } = await cri.call(runtime.portForward, PortForwardRequest.fromPartial({ podSandboxId }));
    // cri-dockerd's URLs have no scheme.
    return await PortForwardClient.connect(new URL(url, 'http://127.0.0.1').href);
  };
  const warm = await connect();
  return {
    async greeted(port) {
      const forwarded = await warm.open(port);
      await forwarded.until((text) => text !== '');
      return async () => {
        forwarded.reset();
        await forwarded.over();
      };
    },
    async download(port, bytes) {
      const client = await connect();
      await client.open(port);
      // What comes is counted and not taken apart, as on the other ways.
      await drained(client.spdy.socket.removeAllListeners('data'), bytes);
      client.vanish();
    },
    async upload(port, bytes) {
      const client = await connect();
      const forwarded = await client.open(port);
      const frame = Buffer.concat([encodeDataHead(forwarded.data, false, PART), Buffer.alloc(PART)]);
      await filled(client.spdy.socket, frame, bytes / PART);
      forwarded.end();
      await forwarded.ended();
      client.vanish();
    },
    close() {
      warm.vanish();
      return Promise.resolve();
    },
  };
}

async function drained(from: Readable, bytes: number): Promise<void> {
  let left = bytes;
  await new Promise<void>((resolve) => {
    from.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left <= 0) resolve();
    });
  });
}

/** Writes a part so many times. */
async function filled(to: Writable, part: Buffer, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    if (!to.write(part)) await once(to, 'drain');
  }
}
